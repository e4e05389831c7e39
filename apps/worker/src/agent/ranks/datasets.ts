import { LockstepError, type ResolvedSpec } from '@lockstep/contracts';
import { type ResolvedDataset, resolveDataset } from '@lockstep/trainer';

export interface DatasetOptions {
  cacheDir: string;
  dataDir: string | null;
  log: (line: string) => void;
}

/** Prepared data of this node. Ranks that ask for the same at the same time share one preparation. */
export class Datasets {
  private readonly pending = new Map<string, Promise<ResolvedDataset>>();

  constructor(private readonly options: DatasetOptions) {}

  sample(name: string): Promise<ResolvedDataset> {
    return this.share(name, () => resolveDataset(name, { ...this.options, baseDir: '/' }));
  }

  /** The shards that a run was resolved with. Throws `data.changed` where this node finds other data. */
  async of({ dataset, data }: ResolvedSpec): Promise<{ train: string; validation: string }> {
    const found =
      dataset.kind === 'sample'
        ? await this.sample(dataset.name)
        : await this.share(`folder ${dataset.path} ${data.classes}`, () =>
            resolveDataset({ folder: dataset.path, classes: data.classes }, { ...this.options, baseDir: '/' }),
          );
    if (found.facts.version !== data.version) {
      throw new LockstepError(
        'data.changed',
        `The dataset on this node is not the one that the run was made for (version ${found.facts.version.slice(0, 12)} ` +
          `instead of ${data.version.slice(0, 12)}). Restore the data, or start a new run.`,
      );
    }
    return { train: found.train.path, validation: found.validation.path };
  }

  private share(key: string, prepare: () => Promise<ResolvedDataset>): Promise<ResolvedDataset> {
    const known = this.pending.get(key);
    if (known) return known;
    const pending = prepare().finally(() => this.pending.delete(key));
    this.pending.set(key, pending);
    return pending;
  }
}
