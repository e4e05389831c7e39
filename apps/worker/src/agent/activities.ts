import {
  type AgentActivities,
  rankReportSchema,
  startTrainerSchema,
  stopTrainerSchema,
  watchTrainerSchema,
} from '@lockstep/contracts';
import { Context } from '@temporalio/activity';
import type { RankJobs } from './ranks/rank-jobs.js';

/** Often enough that a missing one is told from a late one. */
const heartbeatMs = 1000;

/** What this agent does for workflows. Each is short, but for the watch, which lives as long as there is nothing new. */
export function createAgentActivities(jobs: RankJobs): AgentActivities {
  return {
    startTrainer: (input) => jobs.start(startTrainerSchema.parse(input)),
    stopTrainer: (input) => jobs.stop(stopTrainerSchema.parse(input)),
    watchTrainer: async (input) => {
      const { cancellationSignal } = Context.current();
      const heartbeat = setInterval(() => Context.current().heartbeat(), heartbeatMs);
      try {
        return rankReportSchema.parse(await jobs.watch(watchTrainerSchema.parse(input), cancellationSignal));
      } finally {
        clearInterval(heartbeat);
      }
    },
  };
}
