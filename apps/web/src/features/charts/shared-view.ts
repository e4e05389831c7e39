import uPlot from 'uplot';

/** Charts of a page share the crosshair. */
export const sharedCursor = uPlot.sync('charts');

/** Those that can be seen; the others follow when a movement has ended. */
export const visiblePlots = new Set<uPlot>();

export type View = readonly [number, number];

/** How long a movement rests before the page takes it over. */
const restMs = 120;

let wanted: View | null = null;
let frame = 0;
let rest: ReturnType<typeof setTimeout> | undefined;

/** Moves all visible charts with the next frame, without the page; when it rests, the page is told once. */
export function moveView(view: View, settle: (view: View) => void): void {
  wanted = view;
  if (frame === 0) frame = requestAnimationFrame(draw);
  clearTimeout(rest);
  rest = setTimeout(() => settle(view), restMs);
}

function draw(): void {
  frame = 0;
  if (wanted === null) return;
  const [min, max] = wanted;
  for (const plot of visiblePlots) plot.setScale('x', { min, max });
}

export function panned([min, max]: View, by: number): View {
  return [min + by, max + by];
}

/** Narrower or wider by a factor, with one place staying where it is. */
export function zoomed([min, max]: View, at: number, factor: number): View {
  return [at - (at - min) * factor, at + (max - at) * factor];
}
