'use client';

import type { ReactNode } from 'react';
import type { ChartSettings } from './chart.js';

export function ChartControls({
  settings,
  onChange,
  isLive = false,
  children,
}: {
  settings: ChartSettings;
  onChange: (settings: ChartSettings) => void;
  /** Points still come. */
  isLive?: boolean;
  children?: ReactNode;
}) {
  return (
    <div className="row">
      {children}
      <button
        type="button"
        aria-pressed={settings.isLog}
        onClick={() => onChange({ ...settings, isLog: !settings.isLog })}
      >
        Log scale
      </button>
      <label className="check">
        Smoothing
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={settings.smoothing}
          onChange={(event) => onChange({ ...settings, smoothing: Number(event.target.value) })}
        />
        <span className="mono">{settings.smoothing === 0 ? 'off ' : settings.smoothing.toFixed(2)}</span>
      </label>
      <span className="grow" />
      {settings.zoom === null ? (
        <span className="muted small wide-only">Drag across a chart to zoom</span>
      ) : (
        <button type="button" onClick={() => onChange({ ...settings, zoom: null })}>
          {isLive ? 'Resume live' : 'Show all'}
        </button>
      )}
    </div>
  );
}
