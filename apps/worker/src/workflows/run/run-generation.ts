import type { RankPlace, RunActivities, SetRunState } from '@lockstep/contracts/workflows';
import { CancellationScope, condition, patched } from '@temporalio/workflow';
import { followRank, stopRank } from './follow-rank.js';
import { Membership, type Verdict } from './membership.js';
import type { RunMachine } from './state.js';

/** How long the first bad news waits for better. */
const graceMs = 500;
/** How long a stop with a checkpoint may take before the ranks are ended. */
const stopWithinMs = 60_000;

export interface GenerationContext {
  machine: RunMachine;
  control: RunActivities;
  tell: (message: SetRunState | null) => Promise<void>;
}

/** One membership of a run, from its rows in the database to the end of its last process. */
export async function runGeneration(
  { machine, control, tell }: GenerationContext,
  number: number,
  places: RankPlace[],
): Promise<void> {
  const { runId } = machine;
  machine.formed(await control.formGeneration({ runId, generation: number }));
  const { generation } = machine.carried;
  const refOf = ({ rank }: RankPlace) => ({ runId, generation, rank });
  const membership = new Membership(places.length);
  const followers = new CancellationScope();
  const following = followers
    .run(() => Promise.all(places.map((place) => followRank(place, refOf(place), membership))))
    .catch(() => undefined);

  const verdict = await decide({ machine, control, tell }, membership, () => {
    const [leader] = places;
    return leader ? stopRank(leader, refOf(leader), 'checkpoint') : Promise.resolve(false);
  });
  followers.cancel();
  await following;

  const unreachable = new Set<string>();
  if (verdict === 'stopped' || verdict.kind !== 'finished') {
    if (verdict !== 'stopped' && verdict.kind === 'lost' && !machine.isCancelled) {
      await tell(machine.tell('recovering', 'rank-lost', verdict.message));
    }
    // An agent that was found silent a moment ago is not asked once more.
    const stop = async (place: RankPlace) =>
      !membership.isUnreachable(place.rank) && (await stopRank(place, refOf(place), 'now'));
    const reached = await Promise.all(places.map(stop));
    for (const [index, place] of places.entries()) if (!reached[index]) unreachable.add(place.nodeId);
  }
  await control.endGeneration({
    runId,
    generation,
    outcome: verdict === 'stopped' ? 'stopped' : verdict.kind,
    message: verdict === 'stopped' || verdict.kind === 'finished' ? null : verdict.message,
  });
  machine.ended(verdict, unreachable.size > 0);
  if (unreachable.size > 0) await control.releaseRun({ runId, nodeIds: [...unreachable] });
}

/** Follows the membership until it came to something, or until the run was cancelled and is to end now. */
async function decide(
  { machine, tell }: GenerationContext,
  membership: Membership,
  stop: () => Promise<boolean>,
): Promise<Verdict | 'stopped'> {
  let isStopping = false;
  for (;;) {
    // Before it is told: what changes meanwhile is told next.
    const told = membership.phase;
    await tell(machine.tellMembership(membership));
    if (machine.isCancelled && !isStopping && membership.verdict() === null) {
      // A generation that is not ready has nothing that is not in its checkpoint already.
      if (membership.phase === 'starting') return 'stopped';
      isStopping = true;
      if (membership.phase === 'ready' && !(await stop())) return 'stopped';
    }
    if (membership.verdict() !== null) break;
    const phase = patched('told-phase') ? told : membership.phase;
    const changed = () =>
      membership.verdict() !== null || (isStopping ? false : machine.isCancelled || membership.phase !== phase);
    if (!isStopping) await condition(changed);
    else if (!(await condition(changed, stopWithinMs))) return 'stopped';
  }
  if (membership.isTroubled && !membership.isSpoken) await condition(() => membership.isSpoken, graceMs);
  return membership.verdict() ?? 'stopped';
}
