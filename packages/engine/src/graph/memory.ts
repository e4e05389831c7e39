import { LockstepError } from '@lockstep/contracts';
import { elementCount } from './elements.js';
import type { Graph } from './types.js';

const bytesAnElement = 4;

/** Memory of one rank process that holds every lane, in bytes. With more ranks the gradients and activations are shared out. */
export interface MemoryEstimate {
  /** Values, buffers and optimizer state. */
  readonly parameters: number;
  /** One gradient a lane, and the gathered sum. */
  readonly gradients: number;
  /** One arena a lane: every result and its gradient for the lane's samples. */
  readonly activations: number;
  readonly total: number;
}

/** An upper estimate from shapes alone: it knows nothing of the reuse of buffers. */
export function estimateMemory(graph: Graph, lanes: number, batch: number, slotsPerParameter: number): MemoryEstimate {
  const sum = (shapes: readonly { readonly shape: readonly number[] }[]): number =>
    shapes.reduce((total, { shape }) => total + elementCount(shape), 0);
  const parameterElements = sum(graph.nodes.flatMap((node) => node.parameters));
  const bufferElements = sum(graph.nodes.flatMap((node) => node.buffers));
  const sampleElements = sum(graph.inputs) + 2 * sum(graph.nodes);
  const parameters = bytesAnElement * (parameterElements * (1 + slotsPerParameter) + bufferElements);
  const gradients = bytesAnElement * parameterElements * (lanes + 1);
  const activations = bytesAnElement * lanes * Math.ceil(batch / lanes) * sampleElements;
  return { parameters, gradients, activations, total: parameters + gradients + activations };
}

/** @throws LockstepError `bad-input.memory` if the estimate is above the cap */
export function requireMemory(estimate: MemoryEstimate, capBytes: number): void {
  if (estimate.total <= capBytes) return;
  const { parameters, gradients, activations, total } = estimate;
  const message =
    `memory: expected the model to need at most ${formatBytes(capBytes)}, got an estimate of ${formatBytes(total)} ` +
    `(parameters ${formatBytes(parameters)}, gradients ${formatBytes(gradients)}, activations ${formatBytes(activations)}). ` +
    'To fix it, use smaller layers, a smaller batch or fewer lanes.';
  throw new LockstepError('bad-input.memory', message, {
    problems: [{ path: 'model', message, line: null, column: null }],
  });
}

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** `1536 -> '1.5 KiB'` */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
