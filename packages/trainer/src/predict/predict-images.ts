import { LockstepError } from '@lockstep/contracts';
import type { Session } from '@lockstep/engine/train';
import { CheckpointStore, type StoredCheckpoint } from '../checkpoints/checkpoint-store.js';
import type { RankParts } from '../rank/rank-parts.js';
import { RunFolder } from '../run-folder/run-folder.js';
import { readImages } from './images.js';
import { normalise } from './normalise.js';

export interface Prediction {
  image: string;
  label: number;
  /** Of each class, adding up to 1. */
  probabilities: number[];
}

export interface PredictOptions {
  runDir: string;
  images: readonly string[];
  checkpoint: 'best' | 'last';
  threads: number;
  /** Reported by name: checkpoints that were passed over because they are damaged. */
  onWarning: (message: string) => void;
  /** Parts of a rank; the native ones where it is not given. */
  parts?: RankParts;
}

const batch = 256;

/** Predicts the classes of image files with a checkpoint of a run. */
export async function predictImages(
  options: PredictOptions,
): Promise<{ checkpoint: string; predictions: Prediction[] }> {
  const spec = await new RunFolder(options.runDir).readSpec();
  const files = [];
  for (const path of options.images) files.push({ path, ...(await readImages(path, spec)) });
  const checkpoint = await chooseCheckpoint(options);
  const parts = options.parts ?? (await import('../compose.js')).nativeParts;
  const session = await parts.createSession({
    spec,
    shards: { train: null, validation: null },
    rank: 0,
    worldSize: 1,
    threads: options.threads,
    communicator: null,
  });
  try {
    session.load(checkpoint.tensors);
    const predictions: Prediction[] = [];
    for (const file of files) {
      const count = file.names.length;
      const samples = normalise(file.samples, count, spec);
      const rows = await predictRows(session, samples, count);
      for (const [index, probabilities] of rows.entries()) {
        const label = probabilities.indexOf(Math.max(...probabilities));
        predictions.push({ image: file.names[index] ?? file.path, label, probabilities });
      }
    }
    return { checkpoint: checkpoint.path, predictions };
  } finally {
    await session.close();
  }
}

async function predictRows(session: Session, samples: Float32Array, count: number): Promise<number[][]> {
  const perSample = samples.length / count;
  const rows: number[][] = [];
  for (let first = 0; first < count; first += batch) {
    const size = Math.min(batch, count - first);
    const logs = await session.predict(samples.slice(first * perSample, (first + size) * perSample), size);
    const classes = logs.length / size;
    for (let row = 0; row < size; row++)
      rows.push(Array.from(logs.subarray(row * classes, (row + 1) * classes), Math.exp));
  }
  return rows;
}

async function chooseCheckpoint({ runDir, checkpoint, onWarning }: PredictOptions): Promise<StoredCheckpoint> {
  const store = new CheckpointStore(runDir);
  const found = checkpoint === 'best' ? await store.bestValid() : await store.latestValid();
  for (const problem of found.problems) onWarning(problem);
  if (found.checkpoint) return found.checkpoint;
  throw new LockstepError(
    'data.no-checkpoint',
    `${runDir} has no checkpoint that can be used. Train the run further with --resume ${runDir}.`,
  );
}
