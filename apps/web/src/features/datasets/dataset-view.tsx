'use client';

import type { Dataset } from '@lockstep/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { formatCount, formatNumber } from '../../ui/format.js';
import { messageOf, trpc } from '../api/trpc-client.js';
import { SamplePicture } from './sample-picture.js';
import { isPicture, rangeOf, type Sample, samplesOf } from './sample-pictures.js';

const perPage = 50;
const splits = [
  { split: 'train', text: 'Train' },
  { split: 'validation', text: 'Test' },
] as const;

/** Samples of a dataset as they are stored, a page at a time. */
export function DatasetSamples({ organisation, dataset }: { organisation: string; dataset: Dataset }) {
  const [split, setSplit] = useState<'train' | 'validation'>('train');
  const [offset, setOffset] = useState(0);
  const { data, error, isFetching } = useQuery({
    queryKey: ['samples', organisation, dataset.id, split, offset, perPage],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => trpc.dataset.samples.query({ organisation, datasetId: dataset.id, split, offset, count: perPage }),
    placeholderData: (before) => before,
  });
  const given = data?.isHere === true ? data : null;
  const samples = useMemo(() => (given === null ? [] : samplesOf(given)), [given]);
  const last = given === null ? 0 : given.offset + samples.length;
  return (
    <section className="panel" aria-label="Samples" aria-busy={isFetching}>
      <header>
        <h2>Samples</h2>
        {splits.map(({ split: each, text }) => (
          <button
            key={each}
            type="button"
            aria-pressed={split === each}
            onClick={() => {
              setSplit(each);
              setOffset(0);
            }}
          >
            {text}
          </button>
        ))}
        <span className="grow" />
        {given === null ? null : (
          <>
            <span className="muted small" role="status">
              {formatCount(given.offset)} to {formatCount(last - 1)} of {formatCount(given.total)}
            </span>
            <button
              type="button"
              disabled={offset === 0 || isFetching}
              onClick={() => setOffset(Math.max(0, offset - perPage))}
            >
              Previous
            </button>
            <button type="button" disabled={last >= given.total || isFetching} onClick={() => setOffset(last)}>
              Next
            </button>
          </>
        )}
      </header>
      {given === null ? (
        <p className="empty">{error === null ? (data?.why ?? 'Reading samples …') : messageOf(error)}</p>
      ) : (
        <Samples samples={samples} shape={given.shape} dtype={given.dtype} />
      )}
    </section>
  );
}

function Samples({
  samples,
  shape,
  dtype,
}: {
  samples: readonly Sample[];
  shape: readonly number[];
  dtype: 'uint8' | 'float32';
}) {
  const range = useMemo(() => rangeOf(dtype, samples), [dtype, samples]);
  if (!isPicture(shape)) {
    return (
      <ol className="body stack mono">
        {samples.map(({ index, label, values }) => (
          <li key={index} className="break">
            <span className="muted">{index}</span> class {label}: {[...values.slice(0, 8)].map(formatNumber).join(', ')}
            {values.length > 8 ? ' …' : ''}
          </li>
        ))}
      </ol>
    );
  }
  return (
    <ul className="body pictures">
      {samples.map(({ index, label, values }) => (
        <li key={index}>
          <SamplePicture values={values} shape={shape} range={range} label={`Sample ${index}`} />
          <span className="mono">{label}</span>
        </li>
      ))}
    </ul>
  );
}
