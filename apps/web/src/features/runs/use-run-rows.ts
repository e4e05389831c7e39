'use client';

import type { RunState } from '@lockstep/contracts';
import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { trpc } from '../api/trpc-client.js';
import { runsReads } from '../live/live-reads.js';
import type { Sorting } from './run-table.js';

/** Rows that are read at once. */
const windowRows = 100;
/** Rows whose curves are read at once. */
const curveRows = 25;
/** Curves change slowly. */
const curveMs = 3000;

export interface RunFilters {
  readonly organisation: string;
  readonly project: string;
  readonly search: string;
  readonly state: string;
  readonly tag: string;
  readonly isArchived: boolean;
  readonly isMine: boolean;
}

export type RunRow = Awaited<ReturnType<typeof trpc.run.table.query>>['items'][number];

const windows = (first: number, last: number, size: number): number[] =>
  Array.from(
    { length: Math.floor(last / size) - Math.floor(first / size) + 1 },
    (_, index) => Math.floor(first / size) + index,
  );

/** Rows of a long table around those that are looked at: the server sorts, and only what is near is read. */
export function useRunRows(
  { organisation, project, search, state, tag, isArchived, isMine }: RunFilters,
  { column, isDescending }: Sorting,
  [first, last]: readonly [number, number],
) {
  const reads = useQueries({
    queries: windows(first, last, windowRows).map((place) => ({
      queryKey: ['runs', organisation, project, search, state, tag, isArchived, isMine, column, isDescending, place],
      queryFn: async () => ({
        place,
        ...(await trpc.run.table.query({
          organisation,
          project,
          archived: isArchived,
          mine: isMine,
          order: column,
          descending: isDescending,
          offset: place * windowRows,
          limit: windowRows,
          ...(search === '' ? {} : { search }),
          ...(state === '' ? {} : { states: [state as RunState] }),
          ...(tag === '' ? {} : { tag }),
        })),
      }),
      ...runsReads(organisation),
      placeholderData: keepPreviousData,
    })),
  });
  const loaded = reads.flatMap(({ data }) => (data === undefined ? [] : [data]));
  return {
    error: reads.find(({ error }) => error !== null)?.error ?? null,
    /** Null while nothing of what is looked at was read. */
    total: loaded[0]?.total ?? null,
    loaded: loaded.flatMap(({ items }) => items),
    rowAt(index: number): RunRow | undefined {
      return loaded.find(({ place }) => place === Math.floor(index / windowRows))?.items[index % windowRows];
    },
  };
}

/** Losses of the rows that are looked at, by run. */
export function useRunCurves(
  organisation: string,
  [first, last]: readonly [number, number],
  rowAt: (index: number) => RunRow | undefined,
  isEnabled: boolean,
): Readonly<Record<string, (number | null)[]>> {
  const reads = useQueries({
    queries: windows(first, last, curveRows).map((place) => {
      const runIds = Array.from({ length: curveRows }, (_, index) => rowAt(place * curveRows + index)?.id).filter(
        (id) => id !== undefined,
      );
      return {
        queryKey: ['curves', organisation, ...runIds],
        queryFn: () => trpc.run.curves.query({ organisation, runIds }),
        enabled: isEnabled && runIds.length > 0,
        ...runsReads(organisation, curveMs),
      };
    }),
  });
  return Object.assign({}, ...reads.map(({ data }) => data ?? {}));
}
