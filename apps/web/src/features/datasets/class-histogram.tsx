import { formatCount } from '../../ui/format.js';

/** How many samples of a split each class has. */
export function ClassHistogram({ counts }: { counts: readonly number[] }) {
  const most = Math.max(...counts);
  return (
    <ul className="class-bars counts">
      {counts.map((count, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the place is the class
        <li key={index}>
          <span className="num">{index}</span>
          <progress max={most} value={count} aria-label={`Class ${index}`} />
          <span className="num">{formatCount(count)}</span>
        </li>
      ))}
    </ul>
  );
}
