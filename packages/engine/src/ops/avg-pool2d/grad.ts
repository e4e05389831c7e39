import { inputGradient, type OpGradient } from '../op-gradient.js';

/** Each element of a window gets dy / (kernel height * kernel width). */
export const avgPool2dGradient: OpGradient = {
  forward(builder, node, inputs) {
    const [x = -1] = inputs;
    const y = builder.activation(node.name, node.shape);
    builder.call('avgPool2d.forward', node.name, { x }, { y }, node.attributes);
    return { y, saved: {} };
  },
  backward(builder, node, dy, _saved, wanted) {
    if (!wanted[0]) return [null];
    const dx = inputGradient(builder, node);
    builder.call('avgPool2d.gradData', node.name, { dy }, { dx }, node.attributes);
    return [dx];
  },
};
