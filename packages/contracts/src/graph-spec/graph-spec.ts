import { z } from 'zod';
import { limits } from '../limits/limits.js';
import { graphNodeSchema, nameSchema, shapeSchema } from './nodes.js';

/**
 * A model: named nodes, each with an op, its attributes and the names of what it reads. It is data, never code. Structure
 * is checked here; meaning (unknown inputs, cycles, shapes) by `buildGraph` of `@lockstep/engine/graph`.
 */
export const graphSpecSchema = z.strictObject({
  inputs: z
    .array(
      z.strictObject({ name: nameSchema, shape: shapeSchema.describe('Per sample, without the batch: [1, 28, 28].') }),
    )
    .min(1)
    .max(limits.maxInputs),
  nodes: z.array(graphNodeSchema).min(1).max(limits.maxNodes).describe('In any order; cycles are refused.'),
  output: nameSchema.describe('The node that gives the log-probabilities, [classes].'),
});
export type GraphSpec = z.infer<typeof graphSpecSchema>;
