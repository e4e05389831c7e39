import {
  fillRunSpec,
  LockstepError,
  type PreparedDataset,
  parseRunSpec,
  type ResolvedSpec,
  type RunSpec,
} from '@lockstep/contracts';
import type { Tx } from '../../database/transaction.js';

/** Fills a spec by what the data says about itself; the engine's `resolveRunSpec`. */
export type ResolveRunSpec = (requested: RunSpec, dataset: PreparedDataset) => ResolvedSpec;

export interface ResolvedRequest {
  readonly requested: RunSpec;
  /** As it was written, where it came as text. */
  readonly text: string | null;
  readonly resolved: ResolvedSpec;
  readonly datasetVersionId: string;
  readonly totalSteps: number;
}

interface Request {
  readonly organisationId: string;
  readonly spec: string | Readonly<Record<string, unknown>>;
  readonly workers: number;
  readonly threads: number;
}

/**
 * Reads a requested spec and resolves it against the newest version of its dataset.
 *
 * @throws LockstepError `bad-input.*` with the line of every problem
 */
export async function resolveRequest(
  tx: Pick<Tx, 'datasetVersion'>,
  { organisationId, spec, workers, threads }: Request,
  resolve: ResolveRunSpec,
): Promise<ResolvedRequest> {
  const text = typeof spec === 'string' ? spec : null;
  // Through JSON, so that what is stored is what is resolved.
  const requested = parseRunSpec(text ?? JSON.stringify(spec), 'spec');
  const { dataset } = fillRunSpec(requested, 'spec');
  if (typeof dataset !== 'string') {
    throw new LockstepError(
      'bad-input.unknown-dataset',
      'dataset: expected the name of a dataset of this organisation, got a folder; the nodes do not have your folders.',
      { problems: [{ path: 'dataset', message: 'expected the name of a dataset.', line: null, column: null }] },
    );
  }
  const version = await newestVersion(tx, organisationId, dataset);
  const resolved = resolve(requested, version.facts);
  requireLanes(resolved.lanes, workers, threads);
  const stepsPerEpoch = Math.ceil(resolved.data.trainSamples / resolved.training.batchSize);
  return {
    requested,
    text,
    resolved,
    datasetVersionId: version.id,
    totalSteps: resolved.training.epochs * stepsPerEpoch,
  };
}

async function newestVersion(
  tx: Pick<Tx, 'datasetVersion'>,
  organisationId: string,
  name: string,
): Promise<{ id: string; facts: PreparedDataset }> {
  const row = await tx.datasetVersion.findFirst({
    where: { organisationId, dataset: { name, organisationId, deletedAt: null } },
    orderBy: { id: 'desc' },
  });
  if (row === null) {
    const message = `expected the name of a dataset of this organisation, got "${name}", which it does not have.`;
    throw new LockstepError('bad-input.unknown-dataset', `dataset: ${message}`, {
      problems: [{ path: 'dataset', message, line: null, column: null }],
    });
  }
  return {
    id: row.id,
    facts: {
      dataset: { kind: 'sample', name },
      version: row.version,
      trainSamples: Number(row.trainSamples),
      validationSamples: Number(row.validationSamples),
      sampleShape: row.sampleShape,
      classes: row.classes,
      dtype: row.dtype as PreparedDataset['dtype'],
      ...(row.defaultInput === null
        ? {}
        : { defaultInput: row.defaultInput as NonNullable<PreparedDataset['defaultInput']> }),
    },
  };
}

/** A lane is computed by one thread at a time. */
function requireLanes(lanes: number, workers: number, threads: number): void {
  if (workers * threads <= lanes) return;
  throw new LockstepError(
    'bad-input.workers',
    `Expected workers × threads of at most the ${lanes} lanes of a batch, got ${workers} × ${threads}. Use fewer, or a ` +
      'larger batch or more lanes.',
  );
}
