'use client';

import { formatPercent } from '../../ui/format.js';

/** Classes that are shown; of more, the most probable ones. */
const mostRows = 20;

/** The probability of each class, in the order of the classes. */
export function ClassBars({
  probabilities,
  label,
}: {
  probabilities: readonly number[];
  /** What the dataset says; null where nobody does. */
  label: number | null;
}) {
  const best = probabilities.indexOf(Math.max(...probabilities));
  const ranked = probabilities
    .map((_, index) => index)
    .sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0));
  const shown = ranked.slice(0, mostRows).sort((a, b) => a - b);
  return (
    <>
      <ul className="class-bars">
        {shown.map((index) => (
          <li key={index} {...(index === best ? { className: 'best' } : {})}>
            <span className="num">
              {index === label ? <span className="tag">label</span> : null} {index}
            </span>
            <progress max={1} value={probabilities[index] ?? 0} aria-label={`Class ${index}`} />
            <span className="num">{formatPercent(probabilities[index])}</span>
          </li>
        ))}
      </ul>
      {shown.length < probabilities.length ? (
        <p className="muted small">
          {shown.length} of {probabilities.length} classes, the most probable ones.
        </p>
      ) : null}
    </>
  );
}
