import type { AgentActivities, RankPlace, RankRef, RankReport, WatchTrainer } from '@lockstep/contracts/workflows';
import {
  ActivityCancellationType,
  ActivityFailure,
  CancellationScope,
  proxyActivities,
  TimeoutFailure,
} from '@temporalio/workflow';
import { isLast, type Membership } from './membership.js';

/** An agent that takes no activity for so long is not there. */
const reachWithin = '6s';
/** Agents say every second that they watch. */
const silentAfter = '3s';
/** A watch says nothing to the history while it waits: long runs stay short. */
const watchSeconds = 24 * 3600;
/**
 * Watches in a row that break off before an agent counts as gone. One may be an accident; more are an agent that is cut off
 * so that nothing arrives and nothing is closed: its old polls still take what is sent to it.
 */
const watchAttempts = 2;
/** How long a rank may be silent, and a collective may wait for a peer. */
const deadlineMs = 8000;

function agentOf(place: RankPlace) {
  const common = {
    taskQueue: place.taskQueue,
    scheduleToStartTimeout: reachWithin,
    retry: { maximumAttempts: 1 },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  } as const;
  const { startTrainer } = proxyActivities<AgentActivities>({ ...common, startToCloseTimeout: '10s' });
  // Nobody trains while this is waited for, and an agent that comes back later ends what is not wanted by itself.
  const { stopTrainer } = proxyActivities<AgentActivities>({
    ...common,
    scheduleToStartTimeout: '3s',
    startToCloseTimeout: '10s',
  });
  const { watchTrainer } = proxyActivities<AgentActivities>({
    ...common,
    startToCloseTimeout: (watchSeconds + 60) * 1000,
    heartbeatTimeout: silentAfter,
  });
  return { startTrainer, watchTrainer, stopTrainer };
}

/** Starts a rank and tells the membership what becomes of it, until its last report or until the scope is cancelled. */
export async function followRank(place: RankPlace, ref: RankRef, membership: Membership): Promise<void> {
  const agent = agentOf(place);
  const isOver = () => CancellationScope.current().consideredCancelled;
  try {
    await agent.startTrainer({ ...ref, deadlineMs });
  } catch (error) {
    if (!isOver()) membership.lose(ref.rank, `The node of rank ${ref.rank} does not answer. ${describe(error)}`);
    return;
  }
  let seen: WatchTrainer['seen'] = 'none';
  for (let attempts = 0; attempts < watchAttempts && !isOver(); ) {
    try {
      const report: RankReport = await agent.watchTrainer({ ...ref, seen, maxSeconds: watchSeconds });
      if (isOver()) return;
      attempts = 0;
      membership.report(ref.rank, report);
      if (isLast(report)) return;
      if (report.status === 'starting' || report.status === 'ready' || report.status === 'delivering')
        seen = report.status;
    } catch (error) {
      if (isOver()) return;
      // A watch that broke off proves nothing: the agent may have been cut off for a moment. One that is not even taken does.
      attempts = isUnreachable(error) ? watchAttempts : attempts + 1;
    }
  }
  if (!isOver()) membership.lose(ref.rank, `The node of rank ${ref.rank} does not answer any more.`);
}

/** False where the agent could not be told. */
export async function stopRank(place: RankPlace, ref: RankRef, how: 'checkpoint' | 'now'): Promise<boolean> {
  try {
    await agentOf(place).stopTrainer({ ...ref, how });
    return true;
  } catch {
    return false;
  }
}

function isUnreachable(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === 'SCHEDULE_TO_START'
  );
}

function describe(error: unknown): string {
  if (isUnreachable(error)) return 'Its agent is not running, or is cut off.';
  return error instanceof ActivityFailure ? (error.cause?.message ?? error.message) : String(error);
}
