'use client';

import { useEffect, useRef } from 'react';
import { type Range, rgbaOf } from './sample-pictures.js';

/** A sample as it is stored, one pixel a value; the page's style makes it larger without smoothing. */
export function SamplePicture({
  values,
  shape,
  range,
  label,
}: {
  values: ArrayLike<number>;
  shape: readonly number[];
  range: Range;
  label: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [, height = 1, width = 1] = shape;
  const [least, most] = range;
  useEffect(() => {
    const pen = canvas.current?.getContext('2d');
    pen?.putImageData(new ImageData(rgbaOf(values, shape, [least, most]), width, height), 0, 0);
  }, [values, shape, least, most, height, width]);
  return <canvas ref={canvas} className="picture" width={width} height={height} role="img" aria-label={label} />;
}
