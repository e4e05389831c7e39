import type { RunCheckpoint } from '@lockstep/contracts';
import { formatBytes } from '@lockstep/engine/graph';
import { formatCount, formatTime } from '../../ui/format.js';
import { Scroll } from '../../ui/scroll.js';
import { SkeletonRows } from '../../ui/skeleton-rows.js';

export function RunCheckpoints({
  checkpoints,
  base,
  error,
  isLive,
  hasMore,
}: {
  /** Newest first; null while they are read. */
  checkpoints: readonly RunCheckpoint[] | null;
  error: string | null;
  base: string;
  isLive: boolean;
  /** There are older ones. */
  hasMore: boolean;
}) {
  // Each was the best of its time; the newest of these is the best of all.
  const best = checkpoints?.find((checkpoint) => checkpoint.best);
  return (
    <section className="panel" aria-label="Checkpoints">
      <header>
        <h2>Checkpoints</h2>
        {hasMore && checkpoints !== null ? (
          <span className="muted small">the newest {checkpoints.length}; the REST interface lists all</span>
        ) : null}
      </header>
      {error === null ? null : (
        <p role="alert" className="problem body">
          {error}
        </p>
      )}
      {checkpoints === null ? (
        error === null && <SkeletonRows of="checkpoints" count={2} />
      ) : checkpoints.length === 0 ? (
        <p className="empty">
          {isLive
            ? 'None yet. One is written on a schedule, and always at the end.'
            : 'The run ended before it wrote one.'}
        </p>
      ) : (
        <Scroll isLow>
          <table>
            <thead>
              <tr>
                <th className="num">Step</th>
                <th className="num">Epoch</th>
                <th>Weights</th>
                <th>Written</th>
                <th>Download</th>
              </tr>
            </thead>
            <tbody>
              {checkpoints.map(({ id, step, epoch, weightsDigest, createdAt, files }) => {
                const model = files.find(({ name }) => name === 'model.safetensors');
                return (
                  <tr key={id}>
                    <td className="num">{formatCount(step)}</td>
                    <td className="num">{epoch}</td>
                    <td className="mono" title={weightsDigest}>
                      {weightsDigest.slice(0, 12)} {id === best?.id ? <span className="tag">best</span> : null}
                    </td>
                    <td className="muted">{formatTime(createdAt)}</td>
                    <td>
                      <span className="row nowrap">
                        {model === undefined ? null : (
                          <a className="button" href={`${base}/checkpoints/${id}?file=model.safetensors`} download>
                            Model, {formatBytes(model.bytes)}
                          </a>
                        )}
                        <a className="button" href={`${base}/checkpoints/${id}`} download>
                          All
                        </a>
                      </span>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
