import type { ChartSettings } from './chart.js';
import type { View } from './shared-view.js';

const mostSmoothing = 0.99;
/** Of a place on the horizontal axis; more than a screen can show. */
const digits = 9;

/** Settings of charts as an address has them; what cannot be meant is as if it were not there. */
export function readSettings(params: URLSearchParams): ChartSettings {
  return {
    isLog: params.get('log') === '1',
    smoothing: Math.min(mostSmoothing, Math.max(0, Number(params.get('smooth')) || 0)),
    zoom: readZoom(params.get('x')),
  };
}

/** The address with these settings, and everything else in it as it was. */
export function withSettings(params: URLSearchParams, { isLog, smoothing, zoom }: ChartSettings): URLSearchParams {
  return withParams(params, {
    log: isLog ? '1' : '',
    smooth: smoothing === 0 ? '' : String(smoothing),
    x: zoom === null ? '' : zoom.map((place) => Number(place.toPrecision(digits))).join('..'),
  });
}

/** Empty values take a parameter away. */
export function withParams(params: URLSearchParams, values: Readonly<Record<string, string>>): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(values)) {
    if (value === '') next.delete(name);
    else next.set(name, value);
  }
  return next;
}

function readZoom(text: string | null): View | null {
  const [from, to, ...rest] = (text ?? '').split('..').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (from === undefined || to === undefined || rest.length > 0) return null;
  return Number.isFinite(from) && Number.isFinite(to) && from < to ? [from, to] : null;
}
