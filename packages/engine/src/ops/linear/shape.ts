import { formatShape } from '../../graph/elements.js';
import { refuseNode } from '../../graph/graph-error.js';
import { uniformByFanIn } from '../../graph/initialisation.js';
import type { ShapeRule } from '../../graph/shape-rule.js';
import type { ParameterSpec } from '../../graph/types.js';

/** [I] -> [O]; parameters weight [O,I] and bias [O]. */
export const linearShape: ShapeRule<'linear'> = {
  op: 'linear',
  arity: 1,
  infer(node, inputShapes) {
    const input = inputShapes[0] ?? [];
    const [inFeatures] = input;
    if (input.length !== 1 || inFeatures === undefined) {
      throw refuseNode(node, {
        expected: 'an input of shape [features]',
        got: `${formatShape(input)} from '${node.inputs[0]}'`,
        fix: 'put a flatten before it',
      });
    }
    const bias = node.bias ?? true;
    const init = uniformByFanIn(inFeatures);
    const parameters: ParameterSpec[] = [
      {
        name: `${node.name}.weight`,
        shape: [node.outFeatures, inFeatures],
        init,
      },
    ];
    if (bias)
      parameters.push({
        name: `${node.name}.bias`,
        shape: [node.outFeatures],
        init,
      });
    return {
      shape: [node.outFeatures],
      attributes: { outFeatures: node.outFeatures, bias: bias ? 1 : 0 },
      parameters,
      buffers: [],
      flops: node.outFeatures * (2 * inFeatures + (bias ? 1 : 0)),
    };
  },
};
