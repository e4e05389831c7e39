'use client';

import { type Run, runStates } from '@lockstep/contracts';
import { useVirtualizer } from '@tanstack/react-virtual';
import { usePathname, useSearchParams } from 'next/navigation';
import { type KeyboardEvent, type MouseEvent, useRef, useState } from 'react';
import { formatCount } from '../../ui/format.js';
import { SkeletonRows } from '../../ui/skeleton-rows.js';
import { useNow } from '../../ui/use-now.js';
import { withParams } from '../../ui/with-params.js';
import { messageOf } from '../api/trpc-client.js';
import { type Column, columns, RunCells, RunTableHead, type Sorting } from './run-table.js';
import { SelectionBar } from './selection-bar.js';
import { type RunRow, useRunCurves, useRunRows } from './use-run-rows.js';

const rowHeight = 36;
const noCurve: readonly never[] = [];

/** The runs of a project. What is shown is in the address, so that it can be sent to somebody. */
export function RunsView({
  organisation,
  project,
  mayWrite,
}: {
  organisation: string;
  project: string;
  mayWrite: boolean;
}) {
  const path = usePathname();
  const params = useSearchParams();
  const nowMs = useNow();
  const filters = {
    organisation,
    project,
    search: params.get('q') ?? '',
    state: params.get('state') ?? '',
    tag: params.get('tag') ?? '',
    isArchived: params.get('archived') === '1',
    isMine: params.get('mine') === '1',
  };
  const { search, state, tag, isArchived, isMine } = filters;
  const sorting = readSorting(params.get('sort'));
  const [selected, setSelected] = useState<ReadonlyMap<string, Run>>(new Map());
  /** The run that a click with Shift begins at. */
  const lastClicked = useRef<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  /** Stays while other rows are read: the list must not go, or its place would be lost. */
  const [total, setTotal] = useState<number | null>(null);

  const virtual = useVirtualizer({
    count: total ?? 0,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const shown = virtual.getVirtualItems();
  const range = [shown[0]?.index ?? 0, shown.at(-1)?.index ?? 0] as const;
  const rows = useRunRows(filters, sorting, range);
  if (rows.total !== null && rows.total !== total) setTotal(rows.total);
  const curves = useRunCurves(organisation, range, rows.rowAt, !virtual.isScrolling);
  const tags = [...new Set([tag, ...rows.loaded.flatMap((run) => run.tags)])].filter((each) => each !== '').sort();
  const hasFilter = search !== '' || state !== '' || tag !== '' || isArchived || isMine;
  // As they are now, where they are known: their states decide what can be done with them.
  const present = new Map(rows.loaded.map((run) => [run.id, run]));
  const chosen = [...selected].map(([id, run]) => present.get(id) ?? run);
  const areAllSelected = rows.loaded.length > 0 && rows.loaded.every(({ id }) => selected.has(id));

  function change(name: string, value: string): void {
    const next = withParams(params, { [name]: value });
    window.history.replaceState(null, '', next.size === 0 ? path : `${path}?${next}`);
    box.current?.scrollTo({ top: 0 });
  }

  function sortBy(column: Column): void {
    const isDescending = sorting.column === column ? !sorting.isDescending : column !== 'name';
    change('sort', `${isDescending ? '-' : ''}${column}`);
  }

  function select(runs: readonly RunRow[], isSelected: boolean): void {
    setSelected((before) => {
      const next = new Map(before);
      for (const run of runs) {
        if (isSelected) next.set(run.id, run);
        else next.delete(run.id);
      }
      return next;
    });
  }

  /** With Shift, everything from the last one that was clicked. */
  function click(event: MouseEvent<HTMLInputElement>, index: number): void {
    const from = event.shiftKey ? rows.loaded.findIndex(({ id }) => id === lastClicked.current) : -1;
    const run = rows.rowAt(index);
    const to = rows.loaded.findIndex(({ id }) => id === run?.id);
    lastClicked.current = run?.id ?? null;
    // What lies between is known where both ends are; where the first one is not any more, it is one click.
    const between = rows.loaded.slice(Math.min(from, to), Math.max(from, to) + 1);
    select(from < 0 || to < 0 ? (run === undefined ? [] : [run]) : between, event.currentTarget.checked);
  }

  function onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && selected.size > 0 && document.querySelector('dialog[open]') === null)
      setSelected(new Map());
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape inside of it clears the selection, which a button also does
    <div className="stack" onKeyDown={onKey}>
      <search className="row">
        <input
          type="search"
          placeholder="Search names"
          aria-label="Search names"
          defaultValue={search}
          onChange={(event) => change('q', event.target.value)}
        />
        <select aria-label="State" value={state} onChange={(event) => change('state', event.target.value)}>
          <option value="">Any state</option>
          {runStates.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
        <select aria-label="Tag" value={tag} onChange={(event) => change('tag', event.target.value)}>
          <option value="">Any tag</option>
          {tags.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
        {[
          { name: 'mine', text: 'Mine', isOn: isMine },
          { name: 'archived', text: 'Archived', isOn: isArchived },
        ].map(({ name, text, isOn }) => (
          <label key={name} className="check">
            <input type="checkbox" checked={isOn} onChange={(event) => change(name, event.target.checked ? '1' : '')} />
            {text}
          </label>
        ))}
        <span className="grow" />
        <span className="muted small" role="status">
          {total === null ? '' : `${formatCount(total)} ${total === 1 ? 'run' : 'runs'}`}
        </span>
      </search>
      {selected.size === 0 ? null : (
        <SelectionBar
          runs={chosen}
          base={`/${organisation}/${project}`}
          mayWrite={mayWrite}
          onClear={() => setSelected(new Map())}
          onGone={(runIds) => setSelected((before) => new Map([...before].filter(([id]) => !runIds.includes(id))))}
        />
      )}
      {rows.error === null ? null : (
        <p role="alert" className="problem">
          {messageOf(rows.error)}
        </p>
      )}
      <section className="panel" aria-label="Runs" aria-busy={total === null}>
        {total === null ? (
          <SkeletonRows of="runs" count={8} />
        ) : total > 0 ? (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
          <section className="grid-rows" ref={box} tabIndex={0} aria-label="List of runs">
            <table aria-rowcount={total + 1}>
              <thead>
                <RunTableHead
                  sorting={sorting}
                  onSort={sortBy}
                  hasCurve
                  selection={
                    <input
                      type="checkbox"
                      aria-label="Select all that are shown"
                      checked={areAllSelected}
                      onChange={(event) => select(rows.loaded, event.target.checked)}
                    />
                  }
                />
              </thead>
              <tbody>
                <Space height={shown[0]?.start ?? 0} />
                {shown.map(({ index }) => {
                  const run = rows.rowAt(index);
                  return run === undefined ? (
                    <tr key={index} aria-rowindex={index + 2} className="grid-row">
                      <td colSpan={10} className="muted">
                        …
                      </td>
                    </tr>
                  ) : (
                    <tr key={index} aria-rowindex={index + 2} className="grid-row">
                      <td>
                        <input
                          type="checkbox"
                          aria-label={`Select ${run.name}`}
                          checked={selected.has(run.id)}
                          onClick={(event) => click(event, index)}
                          onChange={() => undefined}
                        />
                      </td>
                      <RunCells
                        run={run}
                        summary={run.summary}
                        nowMs={nowMs}
                        curve={curves[run.id] ?? noCurve}
                        note={run.notes}
                      />
                    </tr>
                  );
                })}
                <Space height={virtual.getTotalSize() - (shown.at(-1)?.end ?? 0)} />
              </tbody>
            </table>
          </section>
        ) : hasFilter ? (
          <div className="empty">
            <p>No run fits these filters.</p>
            <a className="button" href={path}>
              Clear filters
            </a>
          </div>
        ) : (
          <div className="empty">
            <p>No run yet. A LeNet on the MNIST digits takes about a minute.</p>
            {mayWrite ? (
              <a className="button primary" href={`/${organisation}/${project}/launch`}>
                Launch the first run
              </a>
            ) : null}
          </div>
        )}
      </section>
      {selected.size > 0 || (total ?? 0) < 2 ? null : (
        <p className="muted small">Select runs to compare them{mayWrite ? ', or to change several at once' : ''}.</p>
      )}
    </div>
  );
}

/** Stands for the rows above or below those that are drawn. */
function Space({ height }: { height: number }) {
  return height <= 0 ? null : (
    <tr>
      <td colSpan={10} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

function readSorting(text: string | null): Sorting {
  const column = (text ?? '').replace(/^-/, '');
  if (!(column in columns)) return { column: 'created', isDescending: true };
  return { column: column as Column, isDescending: text?.startsWith('-') ?? false };
}
