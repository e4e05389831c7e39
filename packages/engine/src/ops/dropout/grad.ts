import { inputGradient, type OpGradient } from '../op-gradient.js';

/**
 * The gradient is masked and scaled as the forward pass; the mask is drawn again from its counters, so nothing is saved.
 * Evaluation, and a rate of 0, pass the input through without a call.
 */
export const dropoutGradient: OpGradient = {
  forward(builder, node, inputs) {
    const [x = -1] = inputs;
    if (builder.mode === 'evaluate' || node.attributes.rate === 0) return { y: x, saved: {} };
    const y = builder.activation(node.name, node.shape);
    builder.call('dropout.forward', node.name, { x }, { y }, node.attributes);
    return { y, saved: {} };
  },
  backward(builder, node, dy, _saved, wanted) {
    if (!wanted[0]) return [null];
    if (node.attributes.rate === 0) return [dy];
    const dx = inputGradient(builder, node);
    builder.call('dropout.grad', node.name, { dy }, { dx }, node.attributes);
    return [dx];
  },
};
