import { type Dataset, isLockstepError } from '@lockstep/contracts';
import {
  type ClassCounts,
  type ResolvedDataset,
  readClassCounts,
  resolveDatasetHere,
} from '@lockstep/trainer/datasets';
import type { Settings } from '../../env.js';
import { describeError, log } from '../log.js';

/** A dataset whose shards this machine has. */
export interface LocalDataset extends Pick<ResolvedDataset, 'train' | 'validation'> {
  readonly classCounts: { readonly train: ClassCounts; readonly validation: ClassCounts };
}

/** Data that was not there may have come since. */
const retryMs = 30_000;

/** The datasets of this machine. Each is verified once, because that reads all of it. */
export class LocalDatasets {
  private readonly found = new Map<string, Promise<LocalDataset | null>>();

  constructor(private readonly settings: Pick<Settings, 'cacheDir' | 'dataDir'>) {}

  /** Null where the data of this version is somewhere else only. */
  find({ kind, name, version }: Pick<Dataset, 'kind' | 'name' | 'version'>): Promise<LocalDataset | null> {
    if (kind !== 'sample' || version === null) return Promise.resolve(null);
    const known = this.found.get(version);
    if (known !== undefined) return known;
    const reading = this.read(name, version);
    this.found.set(version, reading);
    void reading.then((dataset) => {
      if (dataset === null) setTimeout(() => this.found.delete(version), retryMs).unref();
    });
    return reading;
  }

  private async read(name: string, version: string): Promise<LocalDataset | null> {
    try {
      const { facts, train, validation } = await resolveDatasetHere(name, this.settings);
      if (facts.version !== version) return null;
      return {
        train,
        validation,
        classCounts: { train: await readClassCounts(train), validation: await readClassCounts(validation) },
      };
    } catch (error) {
      // Whoever looks is told that the data is not here; why, is for whoever runs the server.
      const level = isLockstepError(error) && error.code === 'data.unreachable' ? 'info' : 'warning';
      log(level, 'a dataset cannot be shown', { dataset: name, error: describeError(error) });
      return null;
    }
  }
}
