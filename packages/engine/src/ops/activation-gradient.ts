import { inputGradient, type OpGradient, savedId } from './op-gradient.js';

/** For activations whose derivative is a function of their result y: kernels `<op>.forward` {x} and `<op>.grad` {y,dy}. */
export function activationGradient(op: 'relu' | 'tanh' | 'sigmoid' | 'logSoftmax'): OpGradient {
  return {
    forward(builder, node, inputs) {
      const [x = -1] = inputs;
      const y = builder.activation(node.name, node.shape);
      builder.call(`${op}.forward`, node.name, { x }, { y });
      return { y, saved: { y } };
    },
    backward(builder, node, dy, saved, wanted) {
      if (!wanted[0]) return [null];
      const dx = inputGradient(builder, node);
      builder.call(`${op}.grad`, node.name, { y: savedId(saved, 'y'), dy }, { dx });
      return [dx];
    },
  };
}
