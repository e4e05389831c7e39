'use client';

import type { LayerOutput } from '@lockstep/engine/graph';
import { useEffect, useRef, useState } from 'react';
import { formatNumber } from '../../ui/format.js';
import { type Rgb, tokenColour } from '../../ui/token-colour.js';
import { useThemeChanges } from '../../ui/use-theme-changes.js';
import {
  brightness,
  cellAt,
  cellOf,
  cornerOf,
  extentOf,
  frame,
  indexOf,
  type MapGrid,
  mapGrid,
  movedBy,
} from './map-grid.js';

/** Every value of a layer as a grey cell: one map a channel, or the cells of a vector. Its value is told where one points. */
export function LayerMaps({ layer, onPoint }: { layer: LayerOutput; onPoint: (text: string | null) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [space, setSpace] = useState(0);
  const [isNear, setNear] = useState(false);
  const [index, setIndex] = useState<number | null>(null);
  const themes = useThemeChanges();
  const { shape, values, name } = layer;
  const grid = mapGrid(shape, space);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const sizes = new ResizeObserver(() => setSpace(element.clientWidth));
    // Deep models have more maps than a screen shows: only what is within some screens of it is drawn.
    const places = new IntersectionObserver(([entry]) => setNear(entry?.isIntersecting ?? false), {
      rootMargin: '2400px',
    });
    sizes.observe(element);
    places.observe(element);
    return () => {
      sizes.disconnect();
      places.disconnect();
    };
  }, []);

  const form = JSON.stringify(grid);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `themes` stands for the colours, `form` for the grid
  useEffect(() => {
    const pen = canvas.current?.getContext('2d');
    if (pen === null || pen === undefined || !isNear || space === 0) return;
    pen.putImageData(paint(grid, values), 0, 0);
    if (index === null) return;
    const { x, y } = cornerOf(grid, cellOf(grid, index));
    pen.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue('--accent').trim();
    pen.lineWidth = 2;
    pen.strokeRect(x - 1, y - 1, grid.zoom + 2, grid.zoom + 2);
  }, [form, values, index, isNear, space, themes]);

  const text = index === null ? null : textOf(grid, values, index);
  useEffect(() => onPoint(text), [text, onPoint]);
  return (
    <div ref={box} className="layer-maps">
      <div
        role="slider"
        tabIndex={0}
        aria-label={`Values of ${name}`}
        aria-valuemin={0}
        aria-valuemax={grid.maps * grid.rows * grid.columns - 1}
        aria-valuenow={index ?? 0}
        aria-valuetext={text ?? 'Arrow keys go from value to value'}
        onFocus={() => setIndex((before) => before ?? 0)}
        onBlur={() => setIndex(null)}
        onPointerLeave={() => setIndex(null)}
        onPointerMove={({ clientX, clientY, currentTarget }) => {
          const { left, top } = currentTarget.getBoundingClientRect();
          const cell = cellAt(grid, clientX - left, clientY - top);
          setIndex(cell === null ? null : indexOf(grid, cell));
        }}
        onKeyDown={(event) => {
          const moved = movedBy(event.key, index ?? 0, grid);
          if (moved === null) return;
          event.preventDefault();
          setIndex(moved);
        }}
      >
        <canvas ref={canvas} width={grid.width} height={grid.height} />
      </div>
      {grid.maps < grid.allMaps ? (
        <p className="muted small">
          The first {grid.maps} of {grid.allMaps}.
        </p>
      ) : null}
    </div>
  );
}

function paint(grid: MapGrid, values: ArrayLike<number>): ImageData {
  const image = new ImageData(grid.width, grid.height);
  const [dark, bright] = [tokenColour('map-low'), tokenColour('map-high')];
  const bright01 = brightness(extentOf(values));
  const pixels = new Uint32Array(image.data.buffer);
  const fill = (pixel: number, x: number, y: number, width: number, height: number): void => {
    for (let row = y; row < y + height; row += 1)
      pixels.fill(pixel, row * grid.width + x, row * grid.width + x + width);
  };
  const line = pixelOf(tokenColour('line-strong'));
  for (let map = 0; map < grid.maps; map += 1) {
    const { x, y } = cornerOf(grid, { map, row: 0, column: 0 });
    const [width, height] = [grid.columns * grid.zoom, grid.rows * grid.zoom];
    fill(line, x - frame, y - frame, width + 2 * frame, height + 2 * frame);
  }
  const cells = grid.maps * grid.rows * grid.columns;
  for (let index = 0; index < cells; index += 1) {
    const share = bright01(values[index] ?? 0);
    const mix = (colour: 0 | 1 | 2): number => Math.round(dark[colour] + share * (bright[colour] - dark[colour]));
    const { x, y } = cornerOf(grid, cellOf(grid, index));
    fill(pixelOf([mix(0), mix(1), mix(2)]), x, y, grid.zoom, grid.zoom);
  }
  return image;
}

/** Little-endian: opacity, blue, green, red. */
function pixelOf([red, green, blue]: Rgb): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function textOf(grid: MapGrid, values: ArrayLike<number>, index: number): string {
  const { map, row, column } = cellOf(grid, index);
  const value = formatNumber(values[index]);
  return grid.rows * grid.columns === 1
    ? `unit ${map}: ${value}`
    : `map ${map}, row ${row}, column ${column}: ${value}`;
}
