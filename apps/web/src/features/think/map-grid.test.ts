import { describe, expect, it } from 'vitest';
import { brightness, cellAt, cellOf, cornerOf, extentOf, indexOf, mapGrid, movedBy } from './map-grid.js';

describe('mapGrid', () => {
  it.each([
    [[6, 28, 28], 600],
    [[64, 7, 7], 340],
    [[3, 5, 9], 100],
    [[400], 320],
    [[64, 1, 1], 320],
    [[1, 300, 200], 120],
  ])('%j in %d pixels: every cell is found again at its place', (shape, space) => {
    const grid = mapGrid(shape, space);
    const cells = grid.maps * grid.rows * grid.columns;
    expect(cells).toBe(shape.reduce((product, size) => product * size, 1));
    for (const index of [0, 1, Math.floor(cells / 2), cells - 1]) {
      const cell = cellOf(grid, index);
      expect(indexOf(grid, cell)).toBe(index);
      const { x, y } = cornerOf(grid, cell);
      expect(cellAt(grid, x, y)).toEqual(cell);
      expect(cellAt(grid, x + grid.zoom - 0.1, y + grid.zoom - 0.1)).toEqual(cell);
      expect(x + grid.zoom).toBeLessThanOrEqual(grid.width);
      expect(y + grid.zoom).toBeLessThanOrEqual(grid.height);
    }
    if (grid.across > 1) expect(grid.width).toBeLessThanOrEqual(space);
    expect(cellAt(grid, -1, 0)).toBeNull();
    expect(cellAt(grid, 0, grid.height + grid.zoom * grid.rows + grid.gap)).toBeNull();
  });

  it('shows a part of what is too much, and says how much there is', () => {
    expect(mapGrid([512, 4, 4], 600)).toMatchObject({ maps: 256, allMaps: 512 });
    expect(mapGrid([10_000], 600)).toMatchObject({ maps: 2048, allMaps: 10_000 });
  });

  it('is walked through by keys', () => {
    const grid = mapGrid([2, 3, 4], 600);
    expect(movedBy('ArrowRight', 0, grid)).toBe(1);
    expect(movedBy('ArrowDown', 0, grid)).toBe(4);
    expect(movedBy('PageDown', 1, grid)).toBe(13);
    expect(movedBy('ArrowUp', 1, grid)).toBe(0);
    expect(movedBy('End', 1, grid)).toBe(23);
    expect(movedBy('Tab', 1, grid)).toBeNull();
    const vector = mapGrid([400], 120);
    expect(movedBy('ArrowDown', 3, vector)).toBe(13);
  });
});

describe('brightness', () => {
  it('has zero in the middle where values are signed, and at the end where they are not', () => {
    const signed = brightness(extentOf([-1, 0.5, 0]));
    expect([-1, 0, 0.5, 1].map(signed)).toEqual([0, 0.5, 0.75, 1]);
    const unsigned = brightness(extentOf(Float32Array.of(0, 4, 1)));
    expect([0, 1, 4].map(unsigned)).toEqual([0, 0.25, 1]);
    expect(brightness(extentOf([0, 0]))(0)).toBe(0);
  });
});
