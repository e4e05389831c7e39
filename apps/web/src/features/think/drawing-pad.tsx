'use client';

import { type PointerEvent, useCallback, useEffect, useRef } from 'react';
import { useThemeChanges } from '../../ui/use-theme-changes.js';
import type { Point, Stroke } from './fit-drawing.js';

/** Pixels of the drawing's longer side; the page shows them at half the size, so that lines are smooth everywhere. */
const longSide = 560;
const penWidth = 40;

/** A place to draw in, by mouse, pen or finger. */
export function DrawingPad({
  height,
  width,
  strokes,
  onDraw,
}: {
  /** Of the pictures that the model takes; the drawing area has their proportions. */
  height: number;
  width: number;
  strokes: readonly Stroke[];
  onDraw: (strokes: readonly Stroke[]) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<{ readonly pointer: number; points: Point[] } | null>(null);
  const themes = useThemeChanges();
  const scale = longSide / Math.max(height, width);

  const ink = useCallback((points: Stroke, from: number) => {
    const pen = canvas.current?.getContext('2d');
    const [first] = points;
    if (pen === null || pen === undefined || first === undefined) return;
    pen.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue('--ink').trim();
    pen.lineWidth = penWidth;
    pen.lineCap = 'round';
    pen.lineJoin = 'round';
    pen.beginPath();
    const start = points[Math.max(0, from - 1)] ?? first;
    pen.moveTo(start.x * longSide, start.y * longSide);
    for (const { x, y } of points.slice(from)) pen.lineTo(x * longSide, y * longSide);
    pen.stroke();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `themes` stands for the colour of the ink
  useEffect(() => {
    const present = canvas.current;
    present?.getContext('2d')?.clearRect(0, 0, present.width, present.height);
    for (const stroke of strokes) ink(stroke, 0);
  }, [strokes, themes, ink]);

  const place = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
    const box = canvas.current?.getBoundingClientRect();
    const side = box === undefined ? 1 : Math.max(box.width, box.height);
    return { x: (clientX - (box?.left ?? 0)) / side, y: (clientY - (box?.top ?? 0)) / side };
  };
  const begin = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (event.button !== 0 || drawing.current !== null) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drawing.current = { pointer: event.pointerId, points: [place(event)] };
    onDraw([...strokes, drawing.current.points]);
  };
  const move = (event: PointerEvent<HTMLCanvasElement>): void => {
    const { current } = drawing;
    if (current?.pointer !== event.pointerId) return;
    const between = event.nativeEvent.getCoalescedEvents?.() ?? [];
    const points = (between.length === 0 ? [event.nativeEvent] : between).map(place);
    current.points = [...current.points, ...points];
    onDraw([...strokes.slice(0, -1), current.points]);
  };
  const end = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (drawing.current?.pointer === event.pointerId) drawing.current = null;
  };
  return (
    <div className="pad">
      {strokes.length === 0 ? <p className="pad-hint muted">Draw here</p> : null}
      <canvas
        ref={canvas}
        role="img"
        aria-label="Drawing area. With the keyboard, choose a picture below instead."
        width={Math.round(width * scale)}
        height={Math.round(height * scale)}
        onPointerDown={begin}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={end}
      />
    </div>
  );
}
