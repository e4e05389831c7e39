import { LockstepError } from '@lockstep/contracts';

/**
 * Threads of each worker. Without a wish: as many as the cores allow, but no more than there are lanes to work on.
 *
 * @throws LockstepError `bad-input.workers` where workers × threads is more than the lanes
 */
export function threadsPerWorker(options: {
  workers: number;
  threads: number | null;
  lanes: number;
  cores: number;
}): number {
  const { workers, lanes, cores } = options;
  const threads = options.threads ?? Math.max(1, Math.min(Math.floor(cores / workers), Math.floor(lanes / workers)));
  const wanted = workers * threads;
  if (wanted <= lanes) return threads;
  const laneText = lanes === 1 ? '1 lane' : `${lanes} lanes`;
  const enough = 2 ** Math.ceil(Math.log2(wanted));
  throw new LockstepError(
    'bad-input.workers',
    `${workers} workers × ${threads} ${threads === 1 ? 'thread' : 'threads'} want ${wanted} lanes, but the run has ${laneText}, and a ` +
      `thread without a lane has nothing to do. Use fewer workers or threads, or --lanes ${enough}: the lanes are part of the ` +
      'spec, so that gives another result (and a batch needs at least one sample a lane).',
  );
}
