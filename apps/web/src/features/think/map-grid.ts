/** Where the maps of one layer stand on its canvas, and what is where. */
export interface MapGrid {
  /** Maps that are shown, of `allMaps`; a vector is maps of one cell. */
  readonly maps: number;
  readonly allMaps: number;
  /** Rows and columns of one map. */
  readonly rows: number;
  readonly columns: number;
  /** Pixels of one cell, and between maps. */
  readonly zoom: number;
  readonly gap: number;
  /** Maps side by side. */
  readonly across: number;
  /** Pixels of the canvas. */
  readonly width: number;
  readonly height: number;
}

const mostMaps = 256;
const mostCells = 2048;
/** Pixels of a map's longer side: what fits into one row, between these. */
const leastPixels = 56;
const mostPixels = 112;
const largestCell = 16;
const vectorCell = 10;
/** Pixels of the line around every map, which tells dark and bright cells from the page. */
export const frame = 1;

/** A layer's output of this shape on a canvas at most `space` pixels wide; every cell a whole number of pixels. */
export function mapGrid(shape: readonly number[], space: number): MapGrid {
  const isMap = shape.length === 3 && (shape[1] ?? 1) * (shape[2] ?? 1) > 1;
  const [allMaps = 1, rows = 1, columns = 1] = isMap ? shape : [shape.reduce((product, size) => product * size, 1)];
  const maps = Math.min(allMaps, isMap ? mostMaps : mostCells);
  const gap = isMap ? 4 : 2;
  const zoom = isMap ? mapZoom(Math.max(rows, columns), (space - 2 * frame + gap) / maps - gap) : vectorCell;
  const [mapWidth, mapHeight] = [columns * zoom, rows * zoom];
  const across = Math.max(1, Math.min(maps, Math.floor((space - 2 * frame + gap) / (mapWidth + gap))));
  const down = Math.ceil(maps / across);
  return {
    maps,
    allMaps,
    rows,
    columns,
    zoom,
    gap,
    across,
    width: across * (mapWidth + gap) - gap + 2 * frame,
    height: down * (mapHeight + gap) - gap + 2 * frame,
  };
}

function mapZoom(side: number, wanted: number): number {
  const pixels = Math.min(mostPixels, Math.max(leastPixels, wanted));
  return Math.min(largestCell, Math.max(1, Math.floor(pixels / side)));
}

export interface Cell {
  readonly map: number;
  readonly row: number;
  readonly column: number;
}

/** Left upper corner of a cell. */
export function cornerOf({ across, columns, rows, zoom, gap }: MapGrid, { map, row, column }: Cell) {
  return {
    x: frame + (map % across) * (columns * zoom + gap) + column * zoom,
    y: frame + Math.floor(map / across) * (rows * zoom + gap) + row * zoom,
  };
}

/** The cell at a pixel of the canvas; null between maps. */
export function cellAt(grid: MapGrid, canvasX: number, canvasY: number): Cell | null {
  const { across, maps, columns, rows, zoom, gap } = grid;
  const [x, y] = [canvasX - frame, canvasY - frame];
  const [mapWidth, mapHeight] = [columns * zoom + gap, rows * zoom + gap];
  const [gridColumn, gridRow] = [Math.floor(x / mapWidth), Math.floor(y / mapHeight)];
  const map = gridRow * across + gridColumn;
  const column = Math.floor((x - gridColumn * mapWidth) / zoom);
  const row = Math.floor((y - gridRow * mapHeight) / zoom);
  const isInside = gridColumn >= 0 && gridColumn < across && map >= 0 && map < maps && column < columns && row < rows;
  return isInside ? { map, row, column } : null;
}

export function indexOf({ rows, columns }: MapGrid, { map, row, column }: Cell): number {
  return (map * rows + row) * columns + column;
}

export function cellOf({ rows, columns }: MapGrid, index: number): Cell {
  return {
    map: Math.floor(index / (rows * columns)),
    row: Math.floor(index / columns) % rows,
    column: index % columns,
  };
}

/** The index that a key leads to; null for keys that do not move. */
export function movedBy(key: string, index: number, grid: MapGrid): number | null {
  const size = grid.rows * grid.columns;
  const isVector = size === 1;
  const steps: Record<string, number> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: isVector ? grid.across : grid.columns,
    ArrowUp: isVector ? -grid.across : -grid.columns,
    PageDown: size,
    PageUp: -size,
  };
  const last = grid.maps * size - 1;
  if (key === 'Home') return 0;
  if (key === 'End') return last;
  const step = steps[key];
  return step === undefined ? null : Math.min(last, Math.max(0, index + step));
}

/** Least and greatest value. */
export function extentOf(values: ArrayLike<number>): readonly [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

/** How bright a value is, 0 to 1: zero is black where nothing is negative, and in the middle where something is. */
export function brightness([least, most]: readonly [number, number]): (value: number) => number {
  const size = Math.max(Math.abs(least), Math.abs(most));
  if (!(size > 0)) return () => 0;
  return least < 0 ? (value) => 0.5 + value / (2 * size) : (value) => value / size;
}
