import { z } from 'zod';
import { limits, namePattern } from '../limits/limits.js';

export const nameSchema = z
  .string()
  .regex(namePattern, 'expected a name: a letter, then up to 63 letters, digits, "_" or "-".');

const window = z.int().min(1).max(limits.maxWindow);
const padding = z.int().min(0).max(limits.maxWindow);
const windowSchema = z
  .union([window, z.tuple([window, window])])
  .describe('One size for both axes, or [height, width].');
const paddingSchema = z
  .union([padding, z.tuple([padding, padding])])
  .describe('One size for both axes, or [height, width].');

export const dimensionSchema = z.int().min(1).max(limits.maxDimension);
/** Per sample, without the batch: `[channels, height, width]` or `[features]`. */
export const shapeSchema = z.array(dimensionSchema).min(1).max(limits.maxRank);

/** Attributes of each op, flat in the node. Defaults are filled by the engine, so that they depend on one place only. */
const opAttributes = {
  conv2d: {
    outChannels: dimensionSchema.describe('Number of filters.'),
    kernel: windowSchema,
    stride: windowSchema.optional().describe('Default 1.'),
    padding: paddingSchema.optional().describe('Zeros added on each side. Default 0.'),
    bias: z.boolean().optional().describe('Default true.'),
  },
  maxPool2d: {
    kernel: windowSchema,
    stride: windowSchema.optional().describe('Default: the kernel.'),
    padding: paddingSchema.optional().describe('Default 0.'),
  },
  avgPool2d: {
    kernel: windowSchema,
    stride: windowSchema.optional().describe('Default: the kernel.'),
    padding: paddingSchema.optional().describe('Padding counts in the average. Default 0.'),
  },
  linear: {
    outFeatures: dimensionSchema,
    bias: z.boolean().optional().describe('Default true.'),
  },
  batchNorm: {
    epsilon: z.number().min(1e-12).max(1).optional().describe('Added to the variance. Default 1e-5.'),
    momentum: z
      .number()
      .gt(0)
      .max(1)
      .optional()
      .describe('Weight of a new batch in the running statistics. Default 0.1.'),
  },
  relu: {},
  tanh: {},
  sigmoid: {},
  logSoftmax: {},
  flatten: {},
  add: {},
  reshape: { shape: shapeSchema.describe('Per sample, without the batch.') },
  dropout: { rate: z.number().min(0).lt(1).describe('Share of the elements that become zero in training.') },
} as const;

/** The ops that a graph may use, in the order in which documentation lists them. */
export const opNames = Object.keys(opAttributes) as (keyof typeof opAttributes)[];
export type OpName = keyof typeof opAttributes;

const nodeBase = {
  name: nameSchema,
  inputs: z.array(nameSchema).min(1).max(2).describe('Names of the nodes or graph inputs that this node reads.'),
};
const layerBase = {
  name: nameSchema.optional().describe('Default: the op and a number.'),
  inputs: nodeBase.inputs.optional().describe('Default: the previous layer.'),
};

export const graphNodeSchema = z.discriminatedUnion('op', [
  z.strictObject({ ...nodeBase, op: z.literal('conv2d'), ...opAttributes.conv2d }),
  z.strictObject({ ...nodeBase, op: z.literal('maxPool2d'), ...opAttributes.maxPool2d }),
  z.strictObject({ ...nodeBase, op: z.literal('avgPool2d'), ...opAttributes.avgPool2d }),
  z.strictObject({ ...nodeBase, op: z.literal('linear'), ...opAttributes.linear }),
  z.strictObject({ ...nodeBase, op: z.literal('batchNorm'), ...opAttributes.batchNorm }),
  z.strictObject({ ...nodeBase, op: z.literal('relu') }),
  z.strictObject({ ...nodeBase, op: z.literal('tanh') }),
  z.strictObject({ ...nodeBase, op: z.literal('sigmoid') }),
  z.strictObject({ ...nodeBase, op: z.literal('logSoftmax') }),
  z.strictObject({ ...nodeBase, op: z.literal('flatten') }),
  z.strictObject({ ...nodeBase, op: z.literal('add') }),
  z.strictObject({ ...nodeBase, op: z.literal('reshape'), ...opAttributes.reshape }),
  z.strictObject({ ...nodeBase, op: z.literal('dropout'), ...opAttributes.dropout }),
]);
export type GraphNodeSpec = z.infer<typeof graphNodeSchema>;

/** A node of a layer list: name and inputs may be left out. */
export const layerSchema = z.discriminatedUnion('op', [
  z.strictObject({ ...layerBase, op: z.literal('conv2d'), ...opAttributes.conv2d }),
  z.strictObject({ ...layerBase, op: z.literal('maxPool2d'), ...opAttributes.maxPool2d }),
  z.strictObject({ ...layerBase, op: z.literal('avgPool2d'), ...opAttributes.avgPool2d }),
  z.strictObject({ ...layerBase, op: z.literal('linear'), ...opAttributes.linear }),
  z.strictObject({ ...layerBase, op: z.literal('batchNorm'), ...opAttributes.batchNorm }),
  z.strictObject({ ...layerBase, op: z.literal('relu') }),
  z.strictObject({ ...layerBase, op: z.literal('tanh') }),
  z.strictObject({ ...layerBase, op: z.literal('sigmoid') }),
  z.strictObject({ ...layerBase, op: z.literal('logSoftmax') }),
  z.strictObject({ ...layerBase, op: z.literal('flatten') }),
  z.strictObject({ ...layerBase, op: z.literal('add') }),
  z.strictObject({ ...layerBase, op: z.literal('reshape'), ...opAttributes.reshape }),
  z.strictObject({ ...layerBase, op: z.literal('dropout'), ...opAttributes.dropout }),
]);
export type LayerSpec = z.infer<typeof layerSchema>;
