'use client';

import type { MetricSeries } from '@lockstep/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { formatCount } from '../../ui/format.js';
import { trpc } from '../api/trpc-client.js';
import { Chart } from '../charts/chart.js';
import { ChartControls } from '../charts/chart-controls.js';
import type { ChartSeries } from '../charts/chart-series.js';
import { metricLine, nonFiniteNote } from '../charts/metric-line.js';
import type { View } from '../charts/shared-view.js';
import { useChartSettings } from '../charts/use-chart-settings.js';
import type { FeedEvent } from './feed-event.js';
import { membership } from './membership.js';
import { MembershipLane } from './membership-lane.js';
import { axisMap, axisNames, type RunAxis, runAxes } from './run-axis.js';
import { useDetail } from './use-detail.js';

/** Series that are shown together, in this order; any other gets a chart of its own. */
const groups = [
  { title: 'Loss', names: ['train/loss', 'val/loss'] },
  { title: 'Accuracy', names: ['train/accuracy', 'val/accuracy'] },
  { title: 'Samples per second', names: ['perf/samplesPerSecond'] },
  { title: 'Seconds a step, by rank', names: ['perf/stepSeconds'] },
  { title: 'Learning rate', names: ['train/learningRate'] },
  { title: 'Loss of epochs', names: ['train/epochLoss'] },
  { title: 'Accuracy of epochs', names: ['train/epochAccuracy'] },
];
const alwaysShown = 4;
/** The clock is read so often while a run is live and an axis needs it. */
const clockMs = 5000;

export function RunCharts({
  organisation,
  runId,
  series: known,
  events,
  stepsPerEpoch,
  isLive,
  exportPath,
  why,
}: {
  organisation: string;
  runId: string;
  series: readonly MetricSeries[];
  events: readonly FeedEvent[];
  stepsPerEpoch: number | null;
  isLive: boolean;
  /** Where every point is to be had as a file. */
  exportPath: string;
  /** Why there is nothing to draw yet. */
  why: string;
}) {
  const { settings, setSettings, axis, setAxis } = useChartSettings(runAxes);
  const clock = useQuery({
    queryKey: ['clock', organisation, runId, isLive],
    queryFn: () => trpc.run.clock.query({ organisation, runId }),
    enabled: axis === 'time' || axis === 'cores',
    refetchInterval: isLive ? clockMs : false,
    placeholderData: keepPreviousData,
  });
  const map = useMemo(() => axisMap(axis, stepsPerEpoch, clock.data), [axis, stepsPerEpoch, clock.data]);
  const { zoom } = settings;
  const series = useDetail(
    organisation,
    runId,
    known,
    zoom === null || map === null ? null : [map.toStep(zoom[0]), map.toStep(zoom[1])],
  );
  const lastStep = useMemo(() => known.reduce((most, { steps }) => Math.max(most, steps.at(-1) ?? 0), 0), [known]);
  const { spans, marks } = useMemo(() => membership(events, lastStep), [events, lastStep]);
  const charts = useMemo(() => {
    const grouped = new Set(groups.flatMap(({ names }) => names));
    const others = [...new Set(series.map(({ name }) => name))].filter((name) => !grouped.has(name));
    // Series of one source have the same steps: their places are computed once, and are one list for the chart.
    const places: { steps: readonly number[]; x: number[] }[] = [];
    const placesOf = (steps: readonly number[]): number[] => {
      const before = places.find((each) => isSame(each.steps, steps));
      if (before !== undefined) return before.x;
      const x = steps.map((step) => map?.toX(step) ?? 0);
      places.push({ steps, x });
      return x;
    };
    return [...groups, ...others.map((name) => ({ title: name, names: [name] }))]
      .map(({ title, names }) => {
        const points = series.filter(({ name }) => names.includes(name));
        const sorted = names.flatMap((name) => points.filter((each) => each.name === name));
        return {
          title,
          names,
          points,
          lines: map === null ? [] : sorted.map((each, index) => toLine(each, index, placesOf(each.steps))),
        };
      })
      .filter(({ points }, index) => index < alwaysShown || points.length > 0);
  }, [series, map]);
  const range = useMemo((): View | null => {
    const all = charts.flatMap(({ lines }) =>
      lines.flatMap(({ x }) => (x.length === 0 ? [] : [x[0] ?? 0, x.at(-1) ?? 0])),
    );
    return all.length === 0 ? null : [Math.min(...all), Math.max(...all)];
  }, [charts]);
  const shown = zoom ?? range;
  const reason = known.length > 0 && map === null ? 'Reading the times of steps …' : why;

  return (
    <section className="stack" aria-label="Charts">
      <ChartControls settings={settings} onChange={setSettings} isLive={isLive}>
        <select
          aria-label="Horizontal axis"
          value={axis}
          onChange={(event) => {
            setAxis(event.target.value as RunAxis);
            setSettings({ ...settings, zoom: null });
          }}
        >
          {runAxes
            .filter((each) => each !== 'epoch' || stepsPerEpoch !== null)
            .map((each) => (
              <option key={each} value={each}>
                x = {axisNames[each]}
              </option>
            ))}
        </select>
      </ChartControls>
      <div className="grid-2">
        {charts.map(({ title, names, lines, points }) => (
          <Chart
            key={title}
            title={title}
            series={lines}
            settings={settings}
            onZoom={(next) => setSettings((before) => ({ ...before, zoom: next }))}
            caption={captionOf(
              points,
              known.filter(({ name }) => names.includes(name)),
            )}
            empty={points.length === 0 && known.length > 0 ? whyMissing(title, isLive) : reason}
            xLabel={axisNames[axis]}
            {...(map === null ? {} : { formatX: map.format })}
            range={range}
            isShare={points.some(({ unit }) => unit === '1')}
            actions={
              <a
                className="button small"
                href={`${exportPath}?format=csv&series=${names.join(',')}`}
                download
                aria-label={`All points of ${title} as CSV`}
                title="All points as CSV"
              >
                CSV
              </a>
            }
            below={
              shown === null || map === null ? null : (
                <MembershipLane spans={spans} marks={marks} range={shown} toX={map.toX} />
              )
            }
          />
        ))}
      </div>
      {range === null ? null : (
        <p className="muted small">
          Below each chart: who trained, <span className="lane-sign">◆</span> checkpoint,{' '}
          <span className="lane-sign">★</span> the best so far, <span className="lane-sign lost">✕</span> workers lost.
          Drag to zoom, Shift-drag to move; with a chart in focus: ← → + − 0.
        </p>
      )}
    </section>
  );
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((value, index) => value === b[index]));
}

function toLine(series: MetricSeries, index: number, x: readonly number[]): ChartSeries {
  const label = [series.name, ...Object.entries(series.labels).map(([key, value]) => `${key} ${value}`)].join(', ');
  return { key: label, label, colour: (index % 10) + 1, isDashed: index >= 10, ...metricLine(series, x) };
}

/**
 * @param points as they are drawn
 * @param whole the same series without finer points where they are zoomed: of those, some stand beside points that contain them
 */
function captionOf(points: readonly MetricSeries[], whole: readonly MetricSeries[]): string {
  const shown = points.reduce((sum, { steps }) => sum + steps.length, 0);
  const all = points.reduce((sum, { pointCount }) => sum + pointCount, 0);
  if (all === 0) return '';
  return [`${formatCount(shown)} of ${formatCount(all)} points`, 'extremes exact', nonFiniteNote(whole)]
    .filter((part) => part !== '')
    .join(', ');
}

/** Others have points, this one has none. */
function whyMissing(title: string, isLive: boolean): string {
  if (title === 'Seconds a step, by rank')
    return isLive ? 'Each rank tells its pace once a second.' : 'Its ranks told no pace: it took less than a second.';
  return isLive ? 'No point of this so far.' : 'The run recorded none of this.';
}
