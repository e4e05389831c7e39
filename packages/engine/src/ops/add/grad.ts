import type { OpGradient } from '../op-gradient.js';

/** Both inputs get dy itself: the same value, not a copy. */
export const addGradient: OpGradient = {
  forward(builder, node, inputs) {
    const [a = -1, b = -1] = inputs;
    const y = builder.activation(node.name, node.shape);
    builder.call('add.forward', node.name, { a, b }, { y });
    return { y, saved: {} };
  },
  backward: (_builder, _node, dy, _saved, wanted) => wanted.map((isWanted) => (isWanted ? dy : null)),
};
