'use client';

import type { MetricSeries } from '@lockstep/contracts';
import { useMemo, useState } from 'react';
import { formatCount } from '../../ui/format.js';
import { Chart, type ChartSettings } from '../charts/chart.js';
import { ChartControls } from '../charts/chart-controls.js';
import { type ChartSeries, plotted } from '../charts/chart-series.js';

/** Series that are shown together, in this order; any other gets a chart of its own. */
const groups = [
  { title: 'Loss', names: ['train/loss', 'val/loss'] },
  { title: 'Accuracy', names: ['train/accuracy', 'val/accuracy'] },
  { title: 'Samples per second', names: ['perf/samplesPerSecond'] },
  { title: 'Learning rate', names: ['train/learningRate'] },
  { title: 'Loss of epochs', names: ['train/epochLoss'] },
  { title: 'Accuracy of epochs', names: ['train/epochAccuracy'] },
];
const alwaysShown = 3;

export function RunCharts({
  series,
  stepsPerEpoch,
  why,
}: {
  series: readonly MetricSeries[];
  stepsPerEpoch: number | null;
  /** Why there is nothing to draw yet. */
  why: string;
}) {
  const [settings, setSettings] = useState<ChartSettings>({ isLog: false, smoothing: 0, zoom: null });
  const [axis, setAxis] = useState<'step' | 'epoch'>('step');
  const perX = axis === 'epoch' ? (stepsPerEpoch ?? 1) : 1;
  const charts = useMemo(() => {
    const known = new Set(groups.flatMap(({ names }) => names));
    const others = [...new Set(series.map(({ name }) => name))].filter((name) => !known.has(name));
    return [...groups, ...others.map((name) => ({ title: name, names: [name] }))]
      .map(({ title, names }) => ({
        title,
        lines: names.flatMap((name, place) =>
          series.filter((each) => each.name === name).map((each, index) => toLine(each, place + index, perX)),
        ),
        points: series.filter(({ name }) => names.includes(name)),
      }))
      .filter(({ lines }, index) => index < alwaysShown || lines.length > 0);
  }, [series, perX]);

  return (
    <section className="stack" aria-label="Charts">
      <ChartControls settings={settings} onChange={setSettings}>
        <select
          aria-label="Horizontal axis"
          value={axis}
          onChange={(event) => {
            setAxis(event.target.value as 'step' | 'epoch');
            setSettings({ ...settings, zoom: null });
          }}
        >
          <option value="step">x = step</option>
          {stepsPerEpoch === null ? null : <option value="epoch">x = epoch</option>}
        </select>
      </ChartControls>
      <div className="grid-2">
        {charts.map(({ title, lines, points }) => (
          <Chart
            key={title}
            title={title}
            series={lines}
            settings={settings}
            onZoom={(zoom) => setSettings((before) => ({ ...before, zoom }))}
            caption={captionOf(points)}
            empty={why}
            xLabel={axis}
            isShare={points.some(({ unit }) => unit === '1')}
          />
        ))}
      </div>
    </section>
  );
}

function toLine({ name, labels, steps, values, min, max, pointCount }: MetricSeries, index: number, perX: number) {
  const label = [name, ...Object.entries(labels).map(([key, value]) => `${key} ${value}`)].join(', ');
  const line: ChartSeries = {
    key: label,
    label,
    colour: (index % 10) + 1,
    x: perX === 1 ? steps : steps.map((step) => step / perX),
    y: plotted(values),
    ...(pointCount > steps.length ? { band: { min: plotted(min), max: plotted(max) } } : {}),
  };
  return line;
}

function captionOf(points: readonly MetricSeries[]): string {
  const shown = points.reduce((sum, { steps }) => sum + steps.length, 0);
  const all = points.reduce((sum, { pointCount }) => sum + pointCount, 0);
  if (all === 0) return '';
  return `${formatCount(shown)} of ${formatCount(all)} points, extremes exact`;
}
