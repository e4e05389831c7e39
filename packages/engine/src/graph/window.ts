import { formatShape } from './elements.js';
import { refuseNode } from './graph-error.js';
import type { Shape } from './types.js';

export type Pair = readonly [number, number];

export function pair(value: number | readonly number[]): Pair {
  if (typeof value === 'number') return [value, value];
  return [value[0] ?? 0, value[1] ?? 0];
}

interface WindowNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
}

export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
}

/**
 * Output height and width of a sliding window: floor((size + 2*padding - kernel) / stride) + 1, as in
 * Dumoulin and Visin, "A guide to convolution arithmetic for deep learning".
 */
export function windowOutput(node: WindowNode, window: Window, input: Shape): Pair {
  const size = (axis: 0 | 1): number => {
    const extent = (input[axis + 1] ?? 0) + 2 * window.padding[axis];
    if (window.kernel[axis] > extent) {
      const side = axis === 0 ? 'height' : 'width';
      throw refuseNode(node, {
        expected: `an input whose ${side} plus padding is at least the kernel's ${window.kernel[axis]}`,
        got: `${formatShape(input)} from '${node.inputs[0]}', ${side} ${extent} with padding`,
        fix: 'use a smaller kernel, more padding, or fewer pooling layers before it',
      });
    }
    return Math.floor((extent - window.kernel[axis]) / window.stride[axis]) + 1;
  };
  return [size(0), size(1)];
}

/** Refuses anything but [channels, height, width]. */
export function requireImage(node: WindowNode, input: Shape): readonly [number, number, number] {
  const [channels, height, width] = input;
  if (input.length !== 3 || channels === undefined || height === undefined || width === undefined) {
    throw refuseNode(node, {
      expected: 'an input of shape [channels, height, width]',
      got: `${formatShape(input)} from '${node.inputs[0]}'`,
      fix: `put a reshape to [channels, height, width] before it, or move it before the flatten`,
    });
  }
  return [channels, height, width];
}
