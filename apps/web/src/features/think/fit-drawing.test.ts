import { describe, expect, it } from 'vitest';
import { fitDrawing, inkBoxOf, type Stroke } from './fit-drawing.js';

const frame = { height: 28, width: 28, box: 20 };

function measure(picture: Float32Array, width = 28) {
  let [mass, x, y, top, bottom, left, right] = [0, 0, 0, Infinity, -Infinity, Infinity, -Infinity];
  for (const [index, ink] of picture.entries()) {
    const [row, column] = [Math.floor(index / width), index % width];
    mass += ink;
    x += ink * (column + 0.5);
    y += ink * (row + 0.5);
    if (ink < 0.5) continue;
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
    [left, right] = [Math.min(left, column), Math.max(right, column)];
  }
  return { mass, x: x / mass, y: y / mass, height: bottom - top + 1, width: right - left + 1 };
}

const line: Stroke = [
  { x: 0.1, y: 0.1 },
  { x: 0.1, y: 0.3 },
];

describe('fitDrawing', () => {
  it('fills the box, and puts the centre of mass into the middle', () => {
    const { x, y, height, width } = measure(fitDrawing([line], frame));
    expect([height, width]).toEqual([20, 2]);
    expect(x).toBeCloseTo(14, 1);
    expect(y).toBeCloseTo(14, 1);
    // Most of the mass of a 7 is on top, so the rest hangs lower.
    const seven: Stroke = [
      { x: 0.2, y: 0.2 },
      { x: 0.6, y: 0.2 },
      { x: 0.4, y: 0.8 },
    ];
    expect(measure(fitDrawing([seven], frame)).y).toBeCloseTo(14, 0);
  });

  it('gives the same picture wherever and however large it was drawn', () => {
    const moved = line.map(({ x, y }) => ({ x: 0.5 + x * 2, y: 0.2 + y * 2 }));
    const [here, there] = [fitDrawing([line], frame), fitDrawing([moved], frame)];
    for (const [index, ink] of here.entries()) expect(there[index]).toBeCloseTo(ink, 5);
  });

  it('has soft edges, nothing outside of 0 to 1, and fits other sizes', () => {
    const slanted: Stroke = [
      { x: 0, y: 0 },
      { x: 0.5, y: 0.9 },
    ];
    const picture = fitDrawing([slanted], { height: 12, width: 16, box: 9 });
    expect(picture).toHaveLength(192);
    expect(picture.some((ink) => ink > 0 && ink < 1)).toBe(true);
    expect(picture.every((ink) => ink >= 0 && ink <= 1)).toBe(true);
  });

  it('keeps a dot a dot, and nothing nothing', () => {
    expect(measure(fitDrawing([[{ x: 0.9, y: 0.2 }]], frame)).height).toBeLessThan(4);
    expect(fitDrawing([], frame).every((ink) => ink === 0)).toBe(true);
    expect(fitDrawing([[]], frame).every((ink) => ink === 0)).toBe(true);
  });
});

describe('inkBoxOf', () => {
  it('finds the box that pictures were fitted to, also on paper that is bright', () => {
    const drawn = fitDrawing([line], { ...frame, box: 16 });
    const bytes = Uint8Array.from(drawn, (ink) => ink * 255);
    const negative = bytes.map((value) => 255 - value);
    expect(inkBoxOf([bytes], { height: 28, width: 28, background: 0, ink: 255 })).toBe(16);
    expect(inkBoxOf([negative, negative], { height: 28, width: 28, background: 255, ink: 0 })).toBe(16);
  });

  it('takes 20 of 28 where there is nothing to look at', () => {
    expect(inkBoxOf([], { height: 28, width: 28, background: 0, ink: 255 })).toBe(20);
    expect(inkBoxOf([new Uint8Array(784)], { height: 28, width: 28, background: 0, ink: 255 })).toBe(20);
  });
});
