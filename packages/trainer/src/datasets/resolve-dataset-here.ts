import type { MnistReach } from './mnist.js';
import { type ResolvedDataset, type ResolveOptions, resolveDataset } from './resolve-dataset.js';

const refused = async (): Promise<never> => {
  throw new Error('not asked');
};
const noReach: MnistReach = { goModuleFolder: refused, fetch: refused };

/**
 * A sample dataset as trainers find it, from what is on this machine only: the cache of prepared data, then
 * `LOCKSTEP_DATA_DIR`. Nothing is downloaded for somebody who only wants to look.
 *
 * @throws LockstepError `data.unreachable` where the machine does not have it, `bad-input.unknown-dataset`
 */
export function resolveDatasetHere(name: string, options: Omit<ResolveOptions, 'baseDir'>): Promise<ResolvedDataset> {
  return resolveDataset(name, { ...options, baseDir: '/' }, noReach);
}
