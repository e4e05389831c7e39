import { inputGradient, type OpGradient, savedId } from '../op-gradient.js';

/** The gradient goes to the first largest element of each window, whose place the forward pass keeps in `workspace`. */
export const maxPool2dGradient: OpGradient = {
  forward(builder, node, inputs) {
    const [x = -1] = inputs;
    const y = builder.activation(node.name, node.shape);
    const workspace = builder.value('workspace', `${node.name}.workspace`, [builder.batch, ...node.shape]);
    builder.call('maxPool2d.forward', node.name, { x }, { y, workspace }, node.attributes);
    return { y, saved: { workspace } };
  },
  backward(builder, node, dy, saved, wanted) {
    if (!wanted[0]) return [null];
    const dx = inputGradient(builder, node);
    const workspace = savedId(saved, 'workspace');
    builder.call('maxPool2d.gradData', node.name, { dy, workspace }, { dx }, node.attributes);
    return [dx];
  },
};
