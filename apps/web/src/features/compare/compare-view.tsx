'use client';

import { metricMeaning, type RunDetail } from '@lockstep/contracts';
import { useQueries } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { formatDuration, formatNumber, formatPercent } from '../../ui/format.js';
import { StateMark } from '../../ui/run-state.js';
import { Scroll } from '../../ui/scroll.js';
import { useNow } from '../../ui/use-now.js';
import { messageOf, trpc } from '../api/trpc-client.js';
import { Chart, Swatch } from '../charts/chart.js';
import { ChartControls } from '../charts/chart-controls.js';
import type { ChartSeries } from '../charts/chart-series.js';
import { metricLine, nonFiniteNote } from '../charts/metric-line.js';
import { useChartSettings } from '../charts/use-chart-settings.js';
import { runReads, safetyInterval } from '../live/live-reads.js';
import { durationMs, isOver, isSettled } from '../runs/run-numbers.js';
import { configDiff } from './config-diff.js';

/** Why these lines of equal runs do not lie on each other, while those of the validation do. */
const ofBursts = 'means of bursts of steps, as long as its pace made them';

/** Each of the runs is read so much more seldom; together they are read about twice a second. */
const eachMs = 500;

const overlaid: readonly { readonly name: string; readonly title: string; readonly caption?: string }[] = [
  { name: 'train/loss', title: 'Training loss', caption: ofBursts },
  { name: 'val/loss', title: 'Validation loss' },
  { name: 'train/accuracy', title: 'Training accuracy', caption: ofBursts },
  { name: 'val/accuracy', title: 'Validation accuracy' },
  { name: 'perf/samplesPerSecond', title: 'Samples per second' },
];
/** Of the training, the numbers of whole epochs: those of bursts of steps depend on how long a burst took. */
const summarised = ['train/epochLoss', 'val/loss', 'train/epochAccuracy', 'val/accuracy', 'perf/samplesPerSecond'];

export function CompareView({ organisation, initial }: { organisation: string; initial: readonly RunDetail[] }) {
  const nowMs = useNow();
  const { settings, setSettings } = useChartSettings(['step']);
  const [isAllShown, setAllShown] = useState(false);
  const reads = useQueries({
    queries: initial.map((given) => ({
      queryKey: ['compared', organisation, given.id],
      queryFn: async () => {
        const [run, { series }] = await Promise.all([
          trpc.run.get.query({ organisation, runId: given.id }),
          trpc.run.metrics.query({ organisation, runId: given.id, names: overlaid.map(({ name }) => name) }),
        ]);
        return { run, series };
      },
      ...runReads(organisation, given.id, initial.length * eachMs),
      refetchInterval: ({ state }: { state: { data?: { run: RunDetail } } }) =>
        state.data !== undefined && isSettled(state.data.run) ? (false as const) : safetyInterval(),
    })),
  });
  const runs = reads.map(({ data }, index) => data?.run ?? (initial[index] as RunDetail));
  const stamp = reads.map(({ dataUpdatedAt }) => dataUpdatedAt).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `stamp` changes when one of the reads does
  const charts = useMemo(
    () =>
      overlaid.map(({ name, title, caption }) => {
        const found = reads.flatMap(({ data }, index) =>
          (data?.series ?? [])
            .filter((each) => each.name === name)
            .map((series) => ({ run: data?.run, index, series })),
        );
        return {
          title,
          caption: [caption ?? '', nonFiniteNote(found.map(({ series }) => series))]
            .filter((part) => part !== '')
            .join(', '),
          isShare: metricMeaning(name).unit === '1',
          lines: found.map(
            ({ run, index, series }): ChartSeries => ({
              key: run?.id ?? '',
              label: run?.name ?? '',
              colour: (index % 10) + 1,
              // Equal runs lie on each other: the dashes of one show the line of the other below.
              isDashed: index % 2 === 1,
              ...metricLine(series, series.steps),
            }),
          ),
        };
      }),
    [stamp],
  );
  const digests = runs.map(({ result }) => result?.weightsDigest ?? null);
  const diff = configDiff(runs.map(({ resolvedSpec }) => resolvedSpec));
  const differing = diff.filter(({ isSame }) => !isSame);
  const error = reads.find((read) => read.error !== null)?.error ?? null;

  return (
    <>
      {error === null ? null : (
        <p role="alert" className="problem">
          {messageOf(error)}
        </p>
      )}
      <section className="panel" aria-label="Runs">
        <header>
          <h2 className="grow">Runs</h2>
          <SameBits
            digests={digests}
            haveEnded={runs.every(({ state }) => isOver(state))}
            differing={differing.map(({ path }) => path)}
          />
        </header>
        <Scroll>
          <table>
            <thead>
              <tr>
                <th>Run</th>
                <th>State</th>
                <th>Weights</th>
                <th className="num">Workers × cores</th>
                <th className="num">Duration</th>
                {summarised.map((name) => (
                  <th key={name} className="num">
                    {name} {goalMark(name)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {runs.map((run, index) => (
                <tr key={run.id}>
                  <td>
                    <span className="row nowrap">
                      <Swatch colour={(index % 10) + 1} isDashed={index % 2 === 1} />
                      <a href={`/${organisation}/${run.project}/runs/${run.id}`}>{run.name}</a>
                    </span>
                  </td>
                  <td>
                    <StateMark state={run.state} />
                  </td>
                  <td className="mono" title={digests[index] ?? ''}>
                    {digests[index]?.slice(0, 12) ?? '–'} <SameAs digests={digests} runs={runs} index={index} />
                  </td>
                  <td className="num">
                    {run.workers} × {run.threads}
                  </td>
                  <td className="num">{formatDuration(durationMs(run, nowMs))}</td>
                  {summarised.map((name) => (
                    <td key={name} className="num">
                      {bestOf(runs, name) === run.id ? (
                        <b title="best">{numberOf(run, name)} ★</b>
                      ) : (
                        numberOf(run, name)
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </section>
      <ChartControls settings={settings} onChange={setSettings} />
      <div className="grid-2">
        {charts.map(({ title, caption, isShare, lines }) => (
          <Chart
            key={title}
            title={title}
            caption={caption}
            series={lines}
            settings={settings}
            isShare={isShare}
            onZoom={(zoom) => setSettings((before) => ({ ...before, zoom }))}
            empty="None of these runs has recorded it."
          />
        ))}
      </div>
      <section className="panel" aria-label="Configuration">
        <header>
          <h2 className="grow">Configuration</h2>
          <span className="muted small">
            {differing.length} of {diff.length} fields differ
          </span>
          <button type="button" aria-pressed={isAllShown} onClick={() => setAllShown(!isAllShown)}>
            Show equal fields
          </button>
        </header>
        {differing.length === 0 && !isAllShown ? (
          <p className="empty">The resolved specs are equal.</p>
        ) : (
          <Scroll>
            <table>
              <thead>
                <tr>
                  <th>Field</th>
                  {runs.map((run) => (
                    <th key={run.id}>{run.name}</th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {(isAllShown ? diff : differing).map(({ path, values, isSame }) => (
                  <tr key={path} className={isSame ? 'same' : 'differs'}>
                    <td className="mono">{path}</td>
                    {runs.map((run, index) => (
                      <td key={run.id} className="mono">
                        {values[index]}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
      </section>
    </>
  );
}

/** Whether the runs ended with the same weights, or what broke it. */
function SameBits({
  digests,
  haveEnded,
  differing,
}: {
  digests: readonly (string | null)[];
  haveEnded: boolean;
  differing: readonly string[];
}) {
  if (!haveEnded) return <span className="muted small">Weights are compared when all have ended.</span>;
  if (digests.includes(null))
    return <span className="muted small">Not all of them ended with weights that could be compared.</span>;
  if (digests.every((digest) => digest === digests[0])) {
    return (
      <span className="state" data-tone="good">
        ✓ same weights, bit for bit
      </span>
    );
  }
  const fields = differing.filter((path) => path !== 'name');
  return (
    <span className="state wraps" data-tone="warn">
      different weights
      {fields.length === 0 ? '' : `: ${fields.slice(0, 3).join(', ')}${fields.length > 3 ? ' …' : ''}`}
    </span>
  );
}

/** The first of the runs before it that ended with the same weights. */
function SameAs({
  digests,
  runs,
  index,
}: {
  digests: readonly (string | null)[];
  runs: readonly RunDetail[];
  index: number;
}) {
  const digest = digests[index] ?? null;
  const first = digest === null ? index : digests.indexOf(digest);
  return first === index ? null : <span className="tag">= {runs[first]?.name}</span>;
}

function valueOfRun(run: RunDetail, name: string): number | null {
  return run.summary[name]?.[metricMeaning(name).summary] ?? null;
}

function numberOf(run: RunDetail, name: string): string {
  const value = valueOfRun(run, name);
  return metricMeaning(name).unit === '1' ? formatPercent(value) : formatNumber(value);
}

function goalMark(name: string): string {
  return { min: '↓', max: '↑', none: '' }[metricMeaning(name).goal];
}

/** The run that is best in a metric alone; null where several are. */
function bestOf(runs: readonly RunDetail[], name: string): string | null {
  const { goal } = metricMeaning(name);
  if (goal === 'none') return null;
  const sorted = runs
    .map((run) => ({ id: run.id, value: valueOfRun(run, name) }))
    .filter((each): each is { id: string; value: number } => each.value !== null)
    .sort((a, b) => (goal === 'min' ? a.value - b.value : b.value - a.value));
  const [first, second] = sorted;
  return first === undefined || second === undefined || first.value === second.value ? null : first.id;
}
