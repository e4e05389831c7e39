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

/** The same as parameters of an address; empty where they are the usual ones. */
export function settingsParams({ isLog, smoothing, zoom }: ChartSettings): Record<string, string> {
  return {
    log: isLog ? '1' : '',
    smooth: smoothing === 0 ? '' : String(smoothing),
    x: zoom === null ? '' : zoom.map((place) => Number(place.toPrecision(digits))).join('..'),
  };
}

function readZoom(text: string | null): View | null {
  const [from, to, ...rest] = (text ?? '').split('..').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (from === undefined || to === undefined || rest.length > 0) return null;
  return Number.isFinite(from) && Number.isFinite(to) && from < to ? [from, to] : null;
}
