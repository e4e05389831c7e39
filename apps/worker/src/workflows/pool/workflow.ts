import type { PoolActivities, PoolChange, PoolWorkflowInput } from '@lockstep/contracts/workflows';
import { poolSignals } from '@lockstep/contracts/workflows';
import {
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { PoolMachine } from './state.js';

const resizeSignal = defineSignal<[PoolChange]>(poolSignals.resize);
const wakeSignal = defineSignal(poolSignals.wake);

const longHistory = 2000;

const { reconcilePool } = proxyActivities<PoolActivities>({
  startToCloseTimeout: '60s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
});

/** Keeps a pool at its size. What there is comes from the provider at every look, never from a counter kept here. */
export async function pool(input: PoolWorkflowInput): Promise<void> {
  const machine = new PoolMachine(input);
  setHandler(resizeSignal, (change) => machine.resize(change));
  setHandler(wakeSignal, () => machine.wake());
  for (;;) {
    machine.looked();
    machine.found(await reconcilePool({ poolId: machine.poolId, desired: machine.desired }));
    if (machine.isOver) return;
    await condition(() => machine.isWoken, machine.pauseMs);
    if (workflowInfo().historyLength > longHistory) await continueAsNew<typeof pool>(machine.carried);
  }
}
