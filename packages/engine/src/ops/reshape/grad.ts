import { inputGradient, type OpGradient } from '../op-gradient.js';

/** The elements keep their order, so the gradient is dy in the input's shape. Flatten is this op too. */
export const reshapeGradient: OpGradient = {
  forward(builder, node, inputs) {
    const [x = -1] = inputs;
    const y = builder.activation(node.name, node.shape);
    builder.call('reshape.forward', node.name, { x }, { y });
    return { y, saved: {} };
  },
  backward(builder, node, dy, _saved, wanted) {
    if (!wanted[0]) return [null];
    const dx = inputGradient(builder, node);
    builder.call('reshape.forward', node.name, { x: dy }, { y: dx });
    return [dx];
  },
};
