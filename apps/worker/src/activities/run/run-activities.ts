import type { RunActivities } from '@lockstep/contracts';
import {
  type Context,
  type Db,
  endGeneration,
  finishRun,
  formGeneration,
  placeRun,
  releaseAllocations,
  setRunState,
  suspectNodes,
} from '@lockstep/db';
import { withFailures } from '../failure-of.js';

/** What run workflows write. Every verb may be repeated, and refuses what an older generation says. */
export function createRunActivities({ db, context }: { db: Db; context: Context }): RunActivities {
  return withFailures<RunActivities>({
    placeRun: async ({ runId }) => {
      const placement = await placeRun(db, context, { runId });
      if (!placement.placed) return placement;
      const places = placement.allocations.map(({ rank, nodeId, taskQueue }) => ({ rank, nodeId, taskQueue }));
      return { placed: true, places };
    },
    releaseRun: async ({ runId, nodeIds }) => {
      await suspectNodes(db, context, { nodeIds });
      await releaseAllocations(db, context, { runId, nodeIds });
    },
    formGeneration: async ({ runId, generation }) => {
      const formed = await formGeneration(db, context, { runId, generation });
      return { generation: formed.generation, originStep: formed.originStep };
    },
    endGeneration: (input) => endGeneration(db, context, input),
    setRunState: (input) => setRunState(db, context, input),
    finishRun: (input) => finishRun(db, context, input),
  });
}
