'use client';

import type { Run } from '@lockstep/contracts';
import type { ReactNode } from 'react';
import { formatAge, formatDuration, formatNumber, formatPercent, formatTime } from '../../ui/format.js';
import { StateMark } from '../../ui/run-state.js';
import { Scroll } from '../../ui/scroll.js';
import { useNow } from '../../ui/use-now.js';
import { accuracyOf, durationMs, lossOf, type Summary } from './run-numbers.js';
import { Sparkline } from './sparkline.js';

export const columns = {
  name: 'Run',
  state: 'State',
  progress: 'Progress',
  loss: 'Loss',
  accuracy: 'Accuracy',
  duration: 'Duration',
  creator: 'Creator',
  created: 'Created',
} as const;
export type Column = keyof typeof columns;
const numeric: readonly Column[] = ['loss', 'accuracy', 'duration'];

export interface Sorting {
  readonly column: Column;
  readonly isDescending: boolean;
}

/** Runs that are few, as they are. */
export function RunTable({ runs, summaries }: { runs: readonly Run[]; summaries: Readonly<Record<string, Summary>> }) {
  const nowMs = useNow();
  return (
    <Scroll>
      <table>
        <thead>
          <RunTableHead />
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <RunCells run={run} summary={summaries[run.id]} nowMs={nowMs} />
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** The row of names. With `onSort` they are buttons. */
export function RunTableHead({
  sorting,
  onSort,
  selection,
  hasCurve = false,
}: {
  sorting?: Sorting;
  onSort?: (column: Column) => void;
  selection?: ReactNode;
  hasCurve?: boolean;
}) {
  return (
    <tr>
      {selection === undefined ? null : <th>{selection}</th>}
      {(Object.keys(columns) as Column[]).map((column) => (
        <th
          key={column}
          className={numeric.includes(column) ? 'num' : ''}
          {...(column === 'loss' && hasCurve ? { colSpan: 2 } : {})}
          {...(sorting?.column === column
            ? { 'aria-sort': sorting.isDescending ? ('descending' as const) : ('ascending' as const) }
            : {})}
        >
          {onSort === undefined ? (
            columns[column]
          ) : (
            <button type="button" onClick={() => onSort(column)}>
              {columns[column]}
              {sorting?.column === column ? (sorting.isDescending ? ' ↓' : ' ↑') : ''}
            </button>
          )}
        </th>
      ))}
    </tr>
  );
}

/** What a row says of a run. */
export function RunCells({
  run,
  summary,
  nowMs,
  curve,
  note = '',
}: {
  run: Run;
  summary: Summary | undefined;
  nowMs: number | null;
  /** Of the loss; without it there is no column for it. */
  curve?: readonly (number | null)[];
  note?: string;
}) {
  return (
    <>
      <td>
        <span className="row nowrap">
          <a href={`/${run.organisation}/${run.project}/runs/${run.id}`}>{run.name}</a>
          {note === '' ? null : (
            <span role="img" aria-label={`Note: ${note}`} title={note} className="muted">
              ✎
            </span>
          )}
          {run.tags.map((tag) => (
            <span key={tag} className="tag">
              {tag}
            </span>
          ))}
        </span>
      </td>
      <td>
        <span title={run.failure?.message ?? run.waitingFor ?? undefined}>
          <StateMark state={run.state} />
        </span>
      </td>
      <td>
        <span className="progress">
          <progress
            value={run.step}
            max={run.totalSteps ?? Math.max(1, run.step)}
            aria-label={`Progress of ${run.name}`}
          />
          <span className="mono muted">
            {run.step}/{run.totalSteps ?? '?'}
          </span>
        </span>
      </td>
      {curve === undefined ? null : (
        <td>
          <Sparkline values={curve} />
        </td>
      )}
      <td className="num">{formatNumber(lossOf(summary))}</td>
      <td className="num">{formatPercent(accuracyOf(run, summary))}</td>
      <td className="num">{formatDuration(durationMs(run, nowMs))}</td>
      <td className="muted">{run.createdBy.name}</td>
      <td className="muted">
        <time dateTime={run.createdAt} title={`${formatTime(run.createdAt)} UTC`}>
          {nowMs === null ? formatTime(run.createdAt) : formatAge(run.createdAt, nowMs)}
        </time>
      </td>
    </>
  );
}
