import { pushVarint, VarintReader } from './varint.js';

/** Points of one series: steps in ascending order, and their values. */
export interface Points {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** The same points by step; where there is nothing to do, the same object. */
export function inOrder(points: Points): Points {
  const { steps, values } = points;
  if (steps.every((step, index) => index === 0 || step >= (steps[index - 1] ?? 0))) return points;
  const order = steps.map((_, index) => index).sort((a, b) => (steps[a] ?? 0) - (steps[b] ?? 0));
  return { steps: order.map((index) => steps[index] ?? 0), values: order.map((index) => values[index] ?? Number.NaN) };
}

const strideFlag = 1;
const float32Flag = 2;

/**
 * Packs points: one byte of flags, the first step and the distances of the others as variable-length integers (one number
 * where all are the same), then the values, in 32 bits where that loses nothing, else in 64.
 */
export function encodePoints({ steps, values }: Points): Buffer {
  const isFloat32 = values.every((value) => Object.is(Math.fround(value), value));
  const stride = commonStride(steps);
  const head: number[] = [(stride === null ? 0 : strideFlag) | (isFloat32 ? float32Flag : 0)];
  pushVarint(head, steps[0] ?? 0);
  if (stride !== null) pushVarint(head, stride);
  else
    for (let index = 1; index < steps.length; index++)
      pushVarint(head, zigzag((steps[index] ?? 0) - (steps[index - 1] ?? 0)));
  const width = isFloat32 ? 4 : 8;
  const bytes = Buffer.alloc(head.length + values.length * width);
  bytes.set(head);
  let offset = head.length;
  for (const value of values) {
    if (isFloat32) bytes.writeFloatLE(value, offset);
    else bytes.writeDoubleLE(value, offset);
    offset += width;
  }
  return bytes;
}

/** @param count how many points were packed */
export function decodePoints(bytes: Uint8Array, count: number): { steps: number[]; values: number[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint8(0);
  const head = new VarintReader(bytes, 1);
  const steps = new Array<number>(count);
  let step = head.next();
  steps[0] = step;
  const stride = flags & strideFlag ? head.next() : null;
  for (let index = 1; index < count; index++) {
    step += stride ?? unzigzag(head.next());
    steps[index] = step;
  }
  let offset = head.offset;
  const values = new Array<number>(count);
  const isFloat32 = (flags & float32Flag) !== 0;
  for (let index = 0; index < count; index++) {
    values[index] = isFloat32 ? view.getFloat32(offset, true) : view.getFloat64(offset, true);
    offset += isFloat32 ? 4 : 8;
  }
  return { steps, values };
}

function commonStride(steps: readonly number[]): number | null {
  const stride = (steps[1] ?? 0) - (steps[0] ?? 0);
  if (steps.length < 2) return 0;
  if (stride < 0) return null;
  for (let index = 2; index < steps.length; index++)
    if ((steps[index] ?? 0) - (steps[index - 1] ?? 0) !== stride) return null;
  return stride;
}

function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2;
}

function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}
