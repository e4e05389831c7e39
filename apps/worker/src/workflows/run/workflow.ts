import type { RunActivities, RunWorkflowInput, SetRunState } from '@lockstep/contracts/workflows';
import { runSignals } from '@lockstep/contracts/workflows';
import {
  ActivityFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { runGeneration } from './run-generation.js';
import { freshRun, RunMachine } from './state.js';

const cancelSignal = defineSignal(runSignals.cancel);
const wakeSignal = defineSignal(runSignals.wake);

/** A run that waits long for a place starts a new history after so many events. */
const longHistory = 2000;

const control = proxyActivities<RunActivities>({
  startToCloseTimeout: '20s',
  // The database may be away for minutes; the ranks go on meanwhile.
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/** A run from its place in the queue to its end. The decisions are in `RunMachine` and `Membership`; this is wiring. */
export async function run(input: RunWorkflowInput): Promise<void> {
  const machine = new RunMachine(input.carried ?? freshRun(input.runId));
  setHandler(cancelSignal, () => machine.cancel());
  setHandler(wakeSignal, () => machine.wake());
  // Whoever cancels the workflow itself wants the same as with the signal: no process and no place may be left over.
  CancellationScope.current().cancelRequested.catch(() => machine.cancel());
  await CancellationScope.nonCancellable(() => live(machine));
}

async function live(machine: RunMachine): Promise<void> {
  const tell = async (message: SetRunState | null) => {
    if (message) await control.setRunState(message);
  };
  for (;;) {
    const next = machine.next();
    switch (next.kind) {
      case 'place': {
        const result = await control.placeRun({ runId: machine.runId });
        machine.placed(result);
        if (!result.placed) await tell(machine.tellWaiting(result));
        break;
      }
      case 'pause':
        await condition(() => machine.isInterrupted, next.ms);
        machine.paused();
        if (workflowInfo().historyLength > longHistory) await continueAsNew<typeof run>(carry(machine));
        break;
      case 'generation':
        try {
          await runGeneration({ machine, control, tell }, next.generation, next.places);
        } catch (error) {
          if (!(error instanceof ActivityFailure)) throw error;
          // What the database refuses for good, such as a run that is gone, is not tried again.
          machine.fail('internal.workflow', error.cause?.message ?? error.message, null, null);
        }
        if (machine.carried.outcome === null) await continueAsNew<typeof run>(carry(machine));
        break;
      case 'finish':
        await control.finishRun({
          runId: machine.runId,
          generation: machine.carried.generation,
          outcome: next.outcome,
        });
        return;
    }
  }
}

function carry(machine: RunMachine): RunWorkflowInput {
  return { runId: machine.runId, carried: machine.carried };
}
