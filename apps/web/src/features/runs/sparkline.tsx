const width = 72;
const height = 20;

/** A loss in a few points, without axes: its last value stands beside it. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  const known = values.filter((value): value is number => value !== null);
  if (known.length < 2) return <svg width={width} height={height} aria-hidden="true" />;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const x = (index: number): number => 1 + (index * (width - 2)) / (values.length - 1);
  const y = (value: number): number => height - 2 - ((value - least) / (most - least || 1)) * (height - 4);
  const points = values.flatMap((value, index) =>
    value === null ? [] : [`${x(index).toFixed(1)},${y(value).toFixed(1)}`],
  );
  return (
    <svg width={width} height={height} aria-hidden="true" className="sparkline">
      <polyline points={points.join(' ')} fill="none" stroke="currentColor" strokeWidth="1.2" />
    </svg>
  );
}
