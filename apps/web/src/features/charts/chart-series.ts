import type { MetricNumber } from '@lockstep/contracts';

/** One line of a chart. */
export interface ChartSeries {
  readonly key: string;
  readonly label: string;
  /** 1 to 10, of the run colours. */
  readonly colour: number;
  readonly isDashed?: boolean;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  /** Extremes of what a point stands for, where it stands for many. */
  readonly band?: { readonly min: readonly (number | null)[]; readonly max: readonly (number | null)[] };
  /** Places of points that are not finite, or stand for some that are not; they are marked at the edge. */
  readonly nonFinite?: readonly number[];
}

/** A gap where the number is not finite. */
export function plotted(values: readonly MetricNumber[]): (number | null)[] {
  return values.map((value) => (typeof value === 'number' ? value : null));
}

/** Whether the last point up to a place, or the last of all without one, is marked as not finite. */
export function isMarkedAt({ x, nonFinite = [] }: Pick<ChartSeries, 'x' | 'nonFinite'>, at: number | null): boolean {
  // As a rule there are none, and the crosshair asks with every movement.
  if (nonFinite.length === 0) return false;
  const place = at === null ? x.at(-1) : x.filter((each) => each <= at).at(-1);
  return place !== undefined && nonFinite.includes(place);
}

/** A logarithm has no place for zero and what is below. */
export function positive(values: readonly (number | null)[]): (number | null)[] {
  return values.map((value) => (value !== null && value > 0 ? value : null));
}

/** An exponential mean that starts at the first point without leaning to zero. */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  let sum = 0;
  let total = 0;
  return values.map((value) => {
    if (value === null) return null;
    sum = weight * sum + (1 - weight) * value;
    total = weight * total + (1 - weight);
    return sum / total;
  });
}

/** Lines over one sorted axis, as the chart library takes them: `[x, y1, y2 …]`. */
export function joinSeries(lines: readonly { x: readonly number[]; y: readonly (number | null)[] }[]) {
  const [first] = lines;
  // Lines of one source share their places, as a rule.
  if (first !== undefined && lines.every(({ x }) => x === first.x))
    return [first.x, ...lines.map(({ y }) => y)] as [number[], ...(number | null | undefined)[][]];
  const axis = [...new Set(lines.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const indexOf = new Map(axis.map((x, index) => [x, index]));
  // `undefined` is a point that this line does not have: it is drawn through; null is a gap.
  const columns = lines.map(({ x, y }) => {
    const column = new Array<number | null | undefined>(axis.length);
    for (const [index, each] of x.entries()) column[indexOf.get(each) ?? 0] = y[index] ?? null;
    return column;
  });
  return [axis, ...columns] as [number[], ...(number | null | undefined)[][]];
}
