import type { Attributes, GraphNode } from '../../graph/types.js';
import { inputGradient, type OpGradient, savedId } from '../op-gradient.js';

function windowAttributes(node: GraphNode): Attributes {
  const { kernel = [], stride = [], padding = [] } = node.attributes;
  return { kernel, stride, padding };
}

/** dx is the transposed convolution of dy; dweight correlates x with dy; dbias sums dy. */
export const conv2dGradient: OpGradient = {
  forward(builder, node, inputs) {
    const [x = -1] = inputs;
    const y = builder.activation(node.name, node.shape);
    builder.call('conv2d.forward', node.name, { x, ...builder.parameters(node) }, { y }, windowAttributes(node));
    return { y, saved: { x } };
  },
  backward(builder, node, dy, saved, wanted) {
    const attributes = windowAttributes(node);
    const x = savedId(saved, 'x');
    builder.call('conv2d.gradWeights', node.name, { x, dy }, builder.parameterGradients(node), attributes);
    if (!wanted[0]) return [null];
    const weight = savedId(builder.parameters(node), 'weight');
    const dx = inputGradient(builder, node);
    builder.call('conv2d.gradData', node.name, { dy, weight }, { dx }, attributes);
    return [dx];
  },
};
