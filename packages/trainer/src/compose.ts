import { createSession, endWithParent, numericClass, openCommunicator } from '@lockstep/engine/native';
import { openShardFile } from './datasets/open-shard-file.js';
import type { RankParts } from './rank/rank-parts.js';

/** The real parts of a rank. This is the only file of the trainer that names them. */
export const nativeParts: RankParts = {
  openCommunicator,
  numericClass,
  createSession: async ({ spec, shards, rank, worldSize, threads, communicator }) =>
    createSession({
      spec,
      trainShard: shards.train === null ? null : await openShardFile(shards.train),
      validationShard: shards.validation === null ? null : await openShardFile(shards.validation),
      rank,
      worldSize,
      threads,
      communicator,
    }),
};

export { endWithParent };
