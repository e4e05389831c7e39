import { parseWith } from '../text/problems.js';
import { type GraphSpec, graphSpecSchema } from './graph-spec.js';

/** Checks the structure of a graph; `buildGraph` of the engine checks what it means. @throws LockstepError `bad-input.*` */
export function parseGraphSpec(value: unknown, source = 'graph'): GraphSpec {
  return parseWith(graphSpecSchema, value, { source });
}
