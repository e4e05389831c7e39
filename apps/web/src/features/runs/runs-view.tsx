'use client';

import { type Run, type RunState, runStates } from '@lockstep/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { usePathname, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { messageOf, trpc } from '../api/trpc-client.js';
import { runsReads } from '../live/live-reads.js';
import { accuracyOf, durationMs, lossOf, type Summary } from './run-numbers.js';
import { type Column, columns, RunTable, type Sorting } from './run-table.js';

const pageRuns = 200;
const mostCompared = 10;

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
  const search = params.get('q') ?? '';
  const state = params.get('state') ?? '';
  const tag = params.get('tag') ?? '';
  const isArchived = params.get('archived') === '1';
  const sorting = readSorting(params.get('sort'));
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());

  const list = useQuery({
    queryKey: ['runs', organisation, project, search, state, tag, isArchived],
    queryFn: () =>
      trpc.run.list.query({
        organisation,
        project,
        limit: pageRuns,
        archived: isArchived,
        ...(search === '' ? {} : { search }),
        ...(state === '' ? {} : { states: [state as RunState] }),
        ...(tag === '' ? {} : { tag }),
      }),
    ...runsReads(organisation),
    placeholderData: keepPreviousData,
  });
  const runs = list.data?.items ?? [];
  const runIds = runs.map(({ id }) => id);
  const summaries = useQuery({
    queryKey: ['summaries', organisation, runIds],
    queryFn: () => trpc.run.summaries.query({ organisation, runIds }),
    enabled: runIds.length > 0,
    ...runsReads(organisation),
    placeholderData: keepPreviousData,
  });
  const numbers = summaries.data ?? {};
  const shown = sortRuns(runs, numbers, sorting);
  const tags = [...new Set([tag, ...runs.flatMap((run) => run.tags)])].filter((each) => each !== '').sort();
  const hasFilter = search !== '' || state !== '' || tag !== '' || isArchived;
  const compared = [...selected].filter((id) => runIds.includes(id));

  function change(name: string, value: string): void {
    const next = new URLSearchParams(params);
    if (value === '') next.delete(name);
    else next.set(name, value);
    window.history.replaceState(null, '', next.size === 0 ? path : `${path}?${next}`);
  }

  function sortBy(column: Column): void {
    const isDescending = sorting.column === column ? !sorting.isDescending : column !== 'name';
    change('sort', `${isDescending ? '-' : ''}${column}`);
  }

  return (
    <>
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
        <label className="check">
          <input
            type="checkbox"
            checked={isArchived}
            onChange={(event) => change('archived', event.target.checked ? '1' : '')}
          />
          Archived
        </label>
        <span className="grow" />
        {compared.length < 2 ? (
          <span className="muted small">Select 2 to {mostCompared} runs to compare</span>
        ) : compared.length > mostCompared ? (
          <span className="problem">At most {mostCompared} runs can be compared</span>
        ) : (
          <a className="button" href={`/${organisation}/${project}/compare?runs=${compared.join(',')}`}>
            Compare {compared.length}
          </a>
        )}
      </search>
      {list.error === null ? null : (
        <p role="alert" className="problem">
          {messageOf(list.error)}
        </p>
      )}
      <section className="panel" aria-label="Runs" aria-busy={list.isPending}>
        {list.isPending ? (
          <p className="empty">Reading runs …</p>
        ) : shown.length > 0 ? (
          <RunTable
            runs={shown}
            summaries={numbers}
            sorting={sorting}
            onSort={sortBy}
            selected={selected}
            onSelect={(runId, isSelected) =>
              setSelected((before) =>
                isSelected ? new Set([...before, runId]) : new Set([...before].filter((id) => id !== runId)),
              )
            }
          />
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
            <a className="button primary" href={`/${organisation}/${project}/launch`}>
              Launch the first run
            </a>
          </div>
        )}
      </section>
      <p className="muted small">
        {shown.length} runs shown
        {list.data?.nextCursor == null ? '' : `; there are older ones: narrow the search to see them`}.
      </p>
    </>
  );
}

function readSorting(text: string | null): Sorting {
  const column = (text ?? '').replace(/^-/, '');
  if (!(column in columns)) return { column: 'created', isDescending: true };
  return { column: column as Column, isDescending: text?.startsWith('-') ?? false };
}

/** Runs without a value come last, whichever way the others go. */
function sortRuns(runs: readonly Run[], summaries: Record<string, Summary>, { column, isDescending }: Sorting): Run[] {
  const sortValue = (run: Run): number | string | null => {
    switch (column) {
      case 'name':
        return run.name.toLowerCase();
      case 'state':
        return run.state;
      case 'progress':
        return run.totalSteps === null ? null : run.step / run.totalSteps;
      case 'loss':
        return lossOf(summaries[run.id]);
      case 'accuracy':
        return accuracyOf(run, summaries[run.id]);
      case 'duration':
        return durationMs(run, Date.now());
      case 'creator':
        return run.createdBy.name;
      case 'created':
        return run.createdAt;
    }
  };
  return runs
    .map((run) => ({ run, value: sortValue(run) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
      const order = a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
      return isDescending ? -order : order;
    })
    .map(({ run }) => run);
}
