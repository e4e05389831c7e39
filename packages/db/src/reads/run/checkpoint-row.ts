import type { RunCheckpoint } from '@lockstep/contracts';
import type { Prisma } from '../../generated/prisma/client.js';

export const checkpointSelect = {
  id: true,
  runId: true,
  generation: true,
  sequence: true,
  step: true,
  epoch: true,
  best: true,
  weightsDigest: true,
  stateDigest: true,
  createdAt: true,
  artifact: {
    select: {
      files: { select: { name: true, sha256: true, blob: { select: { bytes: true } } }, orderBy: { name: 'asc' } },
    },
  },
} satisfies Prisma.CheckpointSelect;

export function toCheckpoint(row: Prisma.CheckpointGetPayload<{ select: typeof checkpointSelect }>): RunCheckpoint {
  const { artifact, step, createdAt, ...rest } = row;
  return {
    ...rest,
    step: Number(step),
    files: artifact.files.map(({ name, sha256, blob }) => ({ name, sha256, bytes: Number(blob.bytes) })),
    createdAt: createdAt.toISOString(),
  };
}
