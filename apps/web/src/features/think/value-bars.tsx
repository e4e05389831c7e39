import { formatNumber } from '../../ui/format.js';
import { extentOf } from './map-grid.js';

const barWidth = 160;

/** A few values as bars from zero. */
export function ValueBars({ values }: { values: ArrayLike<number> }) {
  const [least, most] = extentOf(values);
  const [low, high] = [Math.min(0, least), Math.max(0, most)];
  const place = (value: number): number => (high > low ? ((value - low) / (high - low)) * barWidth : 0);
  return (
    <ul className="value-bars">
      {Array.from(values, (value, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the place in a vector is what a value is
        <li key={index} className="value-bar">
          <span className="muted">{index}</span>
          <svg width={barWidth} height="10" aria-hidden="true">
            <rect x={Math.min(place(0), place(value))} width={Math.abs(place(value) - place(0))} y="1" height="8" />
            <line x1={place(0)} x2={place(0)} y1="0" y2="10" />
          </svg>
          <span>{formatNumber(value)}</span>
        </li>
      ))}
    </ul>
  );
}
