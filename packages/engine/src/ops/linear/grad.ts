import { inputGradient, type OpGradient, savedId } from '../op-gradient.js';

/** y = x W^T + b, so dx = dy W, dW = dy^T x, db = sum of dy over samples. */
export const linearGradient: OpGradient = {
  forward(builder, node, inputs) {
    const [x = -1] = inputs;
    const y = builder.activation(node.name, node.shape);
    builder.call('linear.forward', node.name, { x, ...builder.parameters(node) }, { y });
    return { y, saved: { x } };
  },
  backward(builder, node, dy, saved, wanted) {
    builder.call('linear.gradWeights', node.name, { x: savedId(saved, 'x'), dy }, builder.parameterGradients(node));
    if (!wanted[0]) return [null];
    const weight = savedId(builder.parameters(node), 'weight');
    const dx = inputGradient(builder, node);
    builder.call('linear.gradData', node.name, { dy, weight }, { dx });
    return [dx];
  },
};
