const bars = '▁▂▃▄▅▆▇█';

/** Numbers as a row of bars, the smallest and the largest of them at the ends of the scale. Others than finite are gaps. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = buckets(values, width);
  const finite = shown.filter(Number.isFinite);
  const low = Math.min(...finite);
  const span = Math.max(...finite) - low;
  return shown
    .map((value) => {
      if (!Number.isFinite(value)) return ' ';
      return bars[span === 0 ? 0 : Math.round(((value - low) / span) * (bars.length - 1))];
    })
    .join('');
}

/** At most `width` means of neighbours. */
function buckets(values: readonly number[], width: number): number[] {
  if (values.length <= width) return [...values];
  return Array.from({ length: width }, (_, index) => {
    const part = values.slice(
      Math.floor((index * values.length) / width),
      Math.floor(((index + 1) * values.length) / width),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
