'use client';

import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import { formatNumber, formatPercent } from '../../ui/format.js';
import { type ChartSeries, joinSeries, smooth } from './chart-series.js';
import { ChartTable } from './chart-table.js';

const height = 208;
/** Up to so many, each point is marked. */
const fewPoints = 12;
/** Charts of a page share the crosshair. */
const shared = uPlot.sync('charts');

export interface ChartSettings {
  readonly isLog: boolean;
  /** Weight of what was before; 0 is off. */
  readonly smoothing: number;
  /** Steps that are shown; null follows the run. */
  readonly zoom: readonly [number, number] | null;
}

/** One metric of one or many runs. Values at the crosshair stand beside the names, outside the plot. */
export function Chart({
  title,
  series,
  settings,
  onZoom,
  caption,
  empty,
  isShare = false,
  xLabel = 'step',
}: {
  title: string;
  series: readonly ChartSeries[];
  settings: ChartSettings;
  onZoom: (zoom: readonly [number, number] | null) => void;
  caption?: string;
  /** Why there is nothing to draw. */
  empty: string;
  /** Values are shown in percent. */
  isShare?: boolean;
  xLabel?: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const [themes, setThemes] = useState(0);
  const { isLog, smoothing, zoom } = settings;
  const hasPoints = series.some(({ y }) => y.some((value) => value !== null));

  const data = useMemo(
    () =>
      joinSeries(
        series.flatMap(({ x, y, band }) => [
          { x, y: smoothing > 0 ? smooth(y, smoothing) : y },
          ...(smoothing > 0 ? [{ x, y }] : []),
          ...(band === undefined
            ? []
            : [
                { x, y: band.max },
                { x, y: band.min },
              ]),
        ]),
      ),
    [series, smoothing],
  );
  const latest = useRef({ data, onZoom });
  latest.current = { data, onZoom };
  // What the plot is built from; new points alone do not build it again.
  const form = series
    .map(({ key, colour, isDashed, band, x }) =>
      [key, colour, isDashed, band !== undefined, x.length <= fewPoints].join(),
    )
    .join(';');

  // biome-ignore lint/correctness/useExhaustiveDependencies: `form` and `themes` stand for what is read of `series` and of the page's colours
  useEffect(() => {
    const element = box.current;
    if (element === null || !hasPoints) return;
    const style = getComputedStyle(document.documentElement);
    const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
    const lines: uPlot.Series[] = [];
    const bands: uPlot.Band[] = [];
    for (const { label, colour, isDashed, band, x } of series) {
      const stroke = token(`run-${colour}`);
      const isMarked = x.length <= fewPoints;
      const dash = isDashed === true ? { dash: [6, 4] } : {};
      const line = {
        label,
        stroke,
        width: 1.5,
        spanGaps: false,
        ...dash,
        points: { size: 5, fill: stroke, show: isMarked },
      };
      lines.push(line);
      if (smoothing > 0) lines.push({ ...line, alpha: 0.25, width: 1, points: { show: false } });
      if (band !== undefined) {
        const edge = { label, stroke: 'transparent', width: 0, points: { show: false } };
        lines.push(edge, edge);
        bands.push({
          series: [lines.length - 1, lines.length],
          fill: `color-mix(in oklch, ${stroke} 16%, transparent)`,
        });
      }
    }
    const axis: uPlot.Axis = {
      stroke: token('ink-3'),
      font: `11px ${getComputedStyle(document.body).fontFamily}`,
      ticks: { show: false },
      gap: 4,
    };
    const options: uPlot.Options = {
      width: element.clientWidth,
      height,
      legend: { show: false },
      padding: [8, 12, 0, 0],
      scales: { x: { time: false }, y: isLog ? { distr: 3 } : {} },
      axes: [
        { ...axis, grid: { show: false }, size: 24, space: 72 },
        {
          ...axis,
          grid: { stroke: token('line'), width: 1 },
          size: 48,
          space: 36,
          values: (_, splits) =>
            splits.map((value) =>
              value === null ? '' : isShare ? `${Number((value * 100).toPrecision(4))} %` : tick(value),
            ),
        },
      ],
      cursor: {
        sync: { key: shared.key, scales: ['x', null] },
        drag: { x: true, y: false, setScale: false },
        points: { size: 6 },
        y: false,
      },
      series: [{}, ...lines],
      bands,
      hooks: {
        setCursor: [({ cursor }) => setAt(cursor.idx ?? null)],
        setSelect: [
          (self) => {
            if (self.select.width < 4) return;
            const from = self.posToVal(self.select.left, 'x');
            const to = self.posToVal(self.select.left + self.select.width, 'x');
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            latest.current.onZoom([from, to]);
          },
        ],
      },
    };
    const made = new uPlot(options, latest.current.data as uPlot.AlignedData, element);
    plot.current = made;
    const watcher = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [form, isLog, smoothing > 0, hasPoints, themes]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: also for a plot that was built again
  useEffect(() => {
    const present = plot.current;
    if (present === null) return;
    present.batch(() => {
      present.setData(data as uPlot.AlignedData, zoom === null);
      if (zoom !== null) present.setScale('x', { min: zoom[0], max: zoom[1] });
    });
  }, [data, zoom, form, isLog, hasPoints, themes]);

  useEffect(() => {
    const renew = (): void => setThemes((count) => count + 1);
    const system = window.matchMedia('(prefers-color-scheme: dark)');
    window.addEventListener('themechange', renew);
    system.addEventListener('change', renew);
    return () => {
      window.removeEventListener('themechange', renew);
      system.removeEventListener('change', renew);
    };
  }, []);

  const atX = at === null ? null : (data[0][at] ?? null);
  return (
    <section className="panel" aria-label={title}>
      <header>
        <h2 className="grow">{title}</h2>
        <span className="muted small">
          {atX === null ? (caption ?? '') : `${xLabel} ${Number.isInteger(atX) ? atX : formatNumber(atX)}`}
        </span>
      </header>
      {hasPoints ? (
        <>
          <div className="chart-box">
            <div ref={box} role="img" aria-label={`${title}: ${series.map(({ label }) => label).join(', ')}`} />
          </div>
          <ul className="legend">
            {series.map((line) => (
              <li key={line.key}>
                <Swatch colour={line.colour} isDashed={line.isDashed ?? false} />
                <span className="clip">{line.label}</span>
                <b>{(isShare ? formatPercent : formatNumber)(valueAt(line, atX))}</b>
              </li>
            ))}
          </ul>
          <ChartTable title={title} series={series} xLabel={xLabel} />
        </>
      ) : (
        <p className="empty chart-empty">{empty}</p>
      )}
    </section>
  );
}

export function Swatch({ colour, isDashed }: { colour: number; isDashed: boolean }) {
  return (
    <svg width="16" height="8" aria-hidden="true" className={`run-${colour}`}>
      <line
        x1="0"
        x2="16"
        y1="4"
        y2="4"
        stroke="currentColor"
        strokeWidth="2"
        strokeDasharray={isDashed ? '5 3' : ''}
      />
    </svg>
  );
}

/** The last value up to a place; the last of all without one. */
function valueAt({ x, y }: ChartSeries, at: number | null): number | null {
  for (let index = x.length - 1; index >= 0; index--) {
    const value = y[index] ?? null;
    if (value !== null && (at === null || (x[index] ?? 0) <= at)) return value;
  }
  return null;
}

function tick(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))}M`;
  if (size >= 1000) return `${Number((value / 1000).toPrecision(4))}k`;
  return size < 1e-3 ? value.toExponential(0) : String(Number(value.toPrecision(4)));
}
