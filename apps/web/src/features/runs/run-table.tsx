'use client';

import type { Run } from '@lockstep/contracts';
import { formatAge, formatDuration, formatNumber, formatPercent, formatTime } from '../../ui/format.js';
import { StateMark } from '../../ui/run-state.js';
import { Scroll } from '../../ui/scroll.js';
import { useNow } from '../../ui/use-now.js';
import { accuracyOf, durationMs, lossOf, type Summary } from './run-numbers.js';

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

export function RunTable({
  runs,
  summaries,
  sorting,
  onSort,
  selected,
  onSelect,
}: {
  runs: readonly Run[];
  summaries: Readonly<Record<string, Summary>>;
  sorting?: Sorting;
  onSort?: (column: Column) => void;
  selected?: ReadonlySet<string>;
  onSelect?: (runId: string, isSelected: boolean) => void;
}) {
  const nowMs = useNow();
  return (
    <Scroll>
      <table>
        <thead>
          <tr>
            {onSelect === undefined ? null : (
              <th>
                <span className="hidden">Select</span>
              </th>
            )}
            {(Object.keys(columns) as Column[]).map((column) => (
              <th
                key={column}
                className={numeric.includes(column) ? 'num' : ''}
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
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              {onSelect === undefined ? null : (
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Select ${run.name}`}
                    checked={selected?.has(run.id) ?? false}
                    onChange={(event) => onSelect(run.id, event.target.checked)}
                  />
                </td>
              )}
              <td>
                <span className="row nowrap">
                  <a href={`/${run.organisation}/${run.project}/runs/${run.id}`}>{run.name}</a>
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
              <td className="num">{formatNumber(lossOf(summaries[run.id]))}</td>
              <td className="num">{formatPercent(accuracyOf(run, summaries[run.id]))}</td>
              <td className="num">{formatDuration(durationMs(run, nowMs))}</td>
              <td className="muted">{run.createdBy.name}</td>
              <td className="muted">
                <time dateTime={run.createdAt} title={`${formatTime(run.createdAt)} UTC`}>
                  {nowMs === null ? formatTime(run.createdAt) : formatAge(run.createdAt, nowMs)}
                </time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
