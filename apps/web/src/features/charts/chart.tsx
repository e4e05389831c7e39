'use client';

import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import { formatNumber, formatPercent } from '../../ui/format.js';
import { type ChartSeries, isMarkedAt, joinSeries, positive, smooth } from './chart-series.js';
import { ChartTable } from './chart-table.js';
import { moveView, panned, sharedCursor, type View, visiblePlots, zoomed } from './shared-view.js';

const height = 208;
/** Up to so many, each point is marked. */
const fewPoints = 12;
/** Of the values beside the plot, and of the free place at its right; what stands below the plot keeps to them. */
export const plotInsets = { left: 48, right: 12 };
/** A plot is built once it is so near to what can be seen. */
const near = '400px';

export interface ChartSettings {
  readonly isLog: boolean;
  /** Weight of what was before; 0 is off. */
  readonly smoothing: number;
  /** What is shown of the horizontal axis; null follows the run. */
  readonly zoom: View | null;
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
  formatX = formatPlace,
  range = null,
  actions,
  below,
}: {
  title: string;
  series: readonly ChartSeries[];
  settings: ChartSettings;
  onZoom: (zoom: View | null) => void;
  caption?: string;
  /** Why there is nothing to draw. */
  empty: string;
  /** Values are shown in percent. */
  isShare?: boolean;
  xLabel?: string;
  formatX?: (x: number) => string;
  /** What is shown where nothing is zoomed; without it, what the points span. */
  range?: View | null;
  actions?: ReactNode;
  /** Stands below the plot, over the same width as it. */
  below?: ReactNode;
}) {
  const panel = useRef<HTMLElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const [themes, setThemes] = useState(0);
  const [isNear, setNear] = useState(false);
  const { isLog, smoothing, zoom } = settings;
  const hasPoints = series.some(
    ({ y, nonFinite }) => y.some((value) => value !== null) || (nonFinite?.length ?? 0) > 0,
  );

  const data = useMemo(() => {
    const shown = isLog ? positive : (values: readonly (number | null)[]) => values;
    return joinSeries(
      series.flatMap(({ x, y, band }) => [
        { x, y: shown(smoothing > 0 ? smooth(y, smoothing) : y) },
        ...(smoothing > 0 ? [{ x, y: shown(y) }] : []),
        ...(band === undefined
          ? []
          : [
              { x, y: shown(band.max) },
              { x, y: shown(band.min) },
            ]),
      ]),
    );
  }, [series, smoothing, isLog]);
  const [from = 0, to = 1] = zoom ?? range ?? [data[0][0], data[0].at(-1)];
  const latest = useRef({ data, onZoom, series, formatX });
  latest.current = { data, onZoom, series, formatX };
  // What the plot is built from; new points alone do not build it again.
  const form = series
    .map(({ key, colour, isDashed, band, x }) =>
      [key, colour, isDashed, band !== undefined, x.length <= fewPoints].join(),
    )
    .join(';');

  useEffect(() => {
    const element = panel.current;
    if (element === null) return;
    const watcher = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) setNear(true);
        if (plot.current === null) return;
        if (entry?.isIntersecting) visiblePlots.add(plot.current);
        else visiblePlots.delete(plot.current);
      },
      { rootMargin: near },
    );
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `form` and `themes` stand for what is read of `series` and of the page's colours
  useEffect(() => {
    const element = box.current;
    if (element === null || !hasPoints || !isNear) return;
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
      padding: [8, plotInsets.right, 0, 0],
      scales: { x: { time: false }, y: isLog ? { distr: 3 } : {} },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 24,
          space: 72,
          values: (_, splits) => splits.map((value) => latest.current.formatX(value)),
        },
        {
          ...axis,
          grid: { stroke: token('line'), width: 1 },
          size: plotInsets.left,
          space: 36,
          values: (_, splits) =>
            splits.map((value) =>
              value === null ? '' : isShare ? `${percent(value, stepOf(splits))} %` : tick(value),
            ),
        },
      ],
      cursor: {
        sync: { key: sharedCursor.key, scales: ['x', null] },
        drag: { x: true, y: false, setScale: false },
        points: { size: 6 },
        y: false,
        bind: {
          mousedown: (self, _target, select) => (event) => {
            if (event.shiftKey && event.button === 0) dragView(self, event, (view) => latest.current.onZoom(view));
            else select(event);
            return null;
          },
        },
      },
      series: [{}, ...lines],
      bands,
      hooks: {
        setCursor: [({ cursor }) => setAt(cursor.idx ?? null)],
        setSelect: [
          (self) => {
            if (self.select.width < 4) return;
            const first = self.posToVal(self.select.left, 'x');
            const last = self.posToVal(self.select.left + self.select.width, 'x');
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            latest.current.onZoom([first, last]);
          },
        ],
        draw: [(self) => markNonFinite(self, latest.current.series, token)],
        ready: [(self) => self.over.addEventListener('wheel', wheel(self), { passive: false })],
      },
    };
    function wheel(self: uPlot) {
      return (event: WheelEvent): void => {
        const view = viewOf(self);
        const across = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
        const isZoom = event.ctrlKey;
        // A page scrolls as ever under a plain wheel.
        if (!isZoom && Math.abs(across) <= (event.shiftKey ? 0 : Math.abs(event.deltaY))) return;
        event.preventDefault();
        const next = isZoom
          ? zoomed(view, self.posToVal(event.offsetX, 'x'), 1.002 ** event.deltaY)
          : panned(view, (across / self.over.clientWidth) * (view[1] - view[0]));
        moveView(next, (settled) => latest.current.onZoom(settled));
      };
    }
    const made = new uPlot(options, latest.current.data as uPlot.AlignedData, element);
    plot.current = made;
    visiblePlots.add(made);
    const watcher = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      visiblePlots.delete(made);
      made.destroy();
      plot.current = null;
    };
  }, [form, isLog, smoothing > 0, hasPoints, themes, isNear]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: also for a plot that was built again
  useEffect(() => {
    const present = plot.current;
    if (present === null) return;
    present.batch(() => {
      present.setData(data as uPlot.AlignedData, false);
      // A single place is shown in the middle of something.
      present.setScale('x', from < to ? { min: from, max: to } : { min: from - 1, max: from + 1 });
    });
  }, [data, from, to, form, isLog, hasPoints, themes, isNear]);

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

  function onKey(event: KeyboardEvent): void {
    const self = plot.current;
    if (self === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const view = viewOf(self);
    const width = view[1] - view[0];
    const middle = (view[0] + view[1]) / 2;
    const settle = (settled: View): void => latest.current.onZoom(settled);
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      const sign = event.key === 'ArrowLeft' ? -1 : 1;
      if (event.shiftKey) moveView(panned(view, (sign * width) / 10), settle);
      else {
        const last = self.data[0].length - 1;
        const place = Math.min(last, Math.max(0, (self.cursor.idx ?? (sign < 0 ? last + 1 : -1)) + sign));
        self.setCursor({ left: self.valToPos(self.data[0][place] ?? 0, 'x'), top: 0 });
      }
    } else if (event.key === '+' || event.key === '=') moveView(zoomed(view, middle, 0.7), settle);
    else if (event.key === '-') moveView(zoomed(view, middle, 1 / 0.7), settle);
    else if (event.key === '0' || event.key === 'Escape') latest.current.onZoom(null);
    else return;
    event.preventDefault();
  }

  const atX = at === null ? null : (data[0][at] ?? null);
  return (
    <section ref={panel} className="panel" aria-label={title}>
      <header>
        <h2 className="grow">{title}</h2>
        <span className="muted small">{atX === null ? (caption ?? '') : `${xLabel} ${formatX(atX)}`}</span>
        {hasPoints ? actions : null}
      </header>
      {hasPoints ? (
        <>
          <div className="chart-box">
            <div
              ref={box}
              className="plot"
              role="application"
              // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys move what is shown
              tabIndex={0}
              aria-roledescription="chart"
              aria-label={`${title}: ${series.map((line) => `${line.label} ${(isShare ? formatPercent : formatNumber)(valueAt(line, null))}`).join(', ')}`}
              onKeyDown={onKey}
            />
            {below}
          </div>
          <ul className="legend">
            {series.map((line) => (
              <li key={line.key}>
                <Swatch colour={line.colour} isDashed={line.isDashed ?? false} />
                <span className="clip">{line.label}</span>
                <b>{(isShare ? formatPercent : formatNumber)(valueAt(line, atX))}</b>
                {isMarkedAt(line, atX) ? <span title="Not all values here are finite">✕</span> : null}
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

function viewOf(self: uPlot): View {
  return [self.scales.x?.min ?? 0, self.scales.x?.max ?? 1];
}

/** Moves what is shown with the mouse, until its button is left. */
function dragView(self: uPlot, start: MouseEvent, settle: (view: View) => void): void {
  const view = viewOf(self);
  const perPixel = (view[1] - view[0]) / self.over.clientWidth;
  const move = (event: MouseEvent): void => moveView(panned(view, (start.clientX - event.clientX) * perPixel), settle);
  const end = (): void => {
    document.removeEventListener('mousemove', move);
    document.removeEventListener('mouseup', end);
  };
  document.addEventListener('mousemove', move);
  document.addEventListener('mouseup', end);
}

/** A cross at the upper edge wherever a value is not finite. */
function markNonFinite(self: uPlot, series: readonly ChartSeries[], token: (name: string) => string): void {
  const { ctx, bbox } = self;
  const size = 3 * devicePixelRatio;
  for (const { nonFinite = [], colour } of series) {
    if (nonFinite.length === 0) continue;
    ctx.save();
    ctx.strokeStyle = token(`run-${colour}`);
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.beginPath();
    for (const x of nonFinite) {
      const left = self.valToPos(x, 'x', true);
      if (left < bbox.left || left > bbox.left + bbox.width) continue;
      const top = bbox.top + size + 2;
      ctx.moveTo(left - size, top - size);
      ctx.lineTo(left + size, top + size);
      ctx.moveTo(left - size, top + size);
      ctx.lineTo(left + size, top - size);
    }
    ctx.stroke();
    ctx.restore();
  }
}

/** The last value up to a place; the last of all without one. */
function valueAt({ x, y }: ChartSeries, at: number | null): number | null {
  for (let index = x.length - 1; index >= 0; index--) {
    const value = y[index] ?? null;
    if (value !== null && (at === null || (x[index] ?? 0) <= at)) return value;
  }
  return null;
}

/** Distance of marks along an axis. */
function stepOf(splits: readonly (number | null)[]): number {
  const [first = null, second = null] = splits;
  return first === null || second === null ? 1 : Math.abs(second - first);
}

/** With so many places that marks differ. */
function percent(share: number, step: number): string {
  const places = Math.max(0, Math.min(6, -Math.floor(Math.log10(step * 100) + 1e-9)));
  return (share * 100).toFixed(places);
}

function formatPlace(x: number): string {
  return Number.isInteger(x) ? String(x) : String(Number(x.toPrecision(4)));
}

function tick(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e9) return value.toExponential(1);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))}M`;
  if (size >= 1000) return `${Number((value / 1000).toPrecision(4))}k`;
  return size < 1e-3 ? value.toExponential(0) : String(Number(value.toPrecision(4)));
}
