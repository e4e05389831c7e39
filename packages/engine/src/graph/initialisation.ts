import type { Initialisation } from './types.js';

/**
 * Uniform on ±1/sqrt(fanIn), for weight and bias alike: the default of Torch's linear and convolution layers
 * (LeCun et al., "Efficient BackProp", 1998, up to the constant).
 */
export function uniformByFanIn(fanIn: number): Initialisation {
  return { kind: 'uniform', bound: 1 / Math.sqrt(fanIn) };
}
