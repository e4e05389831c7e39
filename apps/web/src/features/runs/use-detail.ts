'use client';

import type { MetricSeries } from '@lockstep/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { trpc } from '../api/trpc-client.js';
import { nonFiniteField, nonFiniteOf } from './non-finite.js';
import { seriesKey } from './series-key.js';

interface Detail {
  readonly from: number;
  readonly to: number;
  readonly series: readonly MetricSeries[];
}

/**
 * Series of a run with finer points where steps `zoom` are looked at. Only where points stand for several: what is known
 * whole is zoomed as it is.
 */
export function useDetail(
  organisation: string,
  runId: string,
  series: readonly MetricSeries[],
  zoom: readonly [number, number] | null,
): readonly MetricSeries[] {
  const isMerged = series.some(({ steps, pointCount }) => pointCount > steps.length);
  const from = Math.max(0, Math.floor(zoom?.[0] ?? 0));
  const to = Math.max(from, Math.ceil(zoom?.[1] ?? 0));
  const detail = useQuery({
    queryKey: ['detail', organisation, runId, from, to],
    queryFn: async (): Promise<Detail> => {
      const read = await trpc.run.metrics.query({ organisation, runId, since: from, until: to });
      return { from, to, series: read.series };
    },
    enabled: zoom !== null && isMerged,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
  if (zoom === null || !isMerged || detail.data === undefined) return series;
  return withDetail(series, detail.data);
}

/** Points outside of the range as they were, those inside as they were read for it. */
export function withDetail(series: readonly MetricSeries[], { from, to, series: finer }: Detail): MetricSeries[] {
  const found = new Map(finer.map((each) => [seriesKey(each), each]));
  return series.map((coarse) => {
    const fine = found.get(seriesKey(coarse));
    if (fine === undefined) return coarse;
    const before = coarse.steps.findIndex((step) => step >= from);
    const after = coarse.steps.findIndex((step) => step > to);
    const first = before === -1 ? coarse.steps.length : before;
    const last = after === -1 ? coarse.steps.length : after;
    const joined = <T>(outer: readonly T[], inner: readonly T[]): T[] => [
      ...outer.slice(0, first),
      ...inner,
      ...outer.slice(last),
    ];
    const { nonFinite: _, ...known } = coarse;
    const places = nonFiniteOf(coarse);
    return {
      ...known,
      steps: joined(coarse.steps, fine.steps),
      values: joined(coarse.values, fine.values),
      min: joined(coarse.min, fine.min),
      max: joined(coarse.max, fine.max),
      ...nonFiniteField([
        ...places.filter(([step]) => step < from),
        ...nonFiniteOf(fine),
        ...places.filter(([step]) => step > to),
      ]),
    };
  });
}
