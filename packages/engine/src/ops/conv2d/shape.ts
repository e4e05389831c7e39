import { elementCount } from '../../graph/elements.js';
import { refuseNode } from '../../graph/graph-error.js';
import { uniformByFanIn } from '../../graph/initialisation.js';
import type { ShapeRule } from '../../graph/shape-rule.js';
import type { ParameterSpec } from '../../graph/types.js';
import { pair, requireImage, windowOutput } from '../../graph/window.js';

/** [I,H,W] -> [O,OH,OW]; parameters weight [O,I,KH,KW] and bias [O]. */
export const conv2dShape: ShapeRule<'conv2d'> = {
  op: 'conv2d',
  arity: 1,
  infer(node, inputShapes) {
    const input = inputShapes[0] ?? [];
    const [inChannels] = requireImage(node, input);
    const kernel = pair(node.kernel);
    const stride = pair(node.stride ?? 1);
    const padding = pair(node.padding ?? 0);
    if (padding[0] >= kernel[0] || padding[1] >= kernel[1]) {
      throw refuseNode(node, {
        expected: `padding smaller than the kernel [${kernel.join(', ')}]`,
        got: `[${padding.join(', ')}]`,
        fix: 'use less padding: a window that sees only padding computes nothing',
      });
    }
    const [outHeight, outWidth] = windowOutput(node, { kernel, stride, padding }, input);
    const shape = [node.outChannels, outHeight, outWidth];
    const fanIn = inChannels * kernel[0] * kernel[1];
    const bias = node.bias ?? true;
    const init = uniformByFanIn(fanIn);
    const parameters: ParameterSpec[] = [
      {
        name: `${node.name}.weight`,
        shape: [node.outChannels, inChannels, ...kernel],
        init,
      },
    ];
    if (bias)
      parameters.push({
        name: `${node.name}.bias`,
        shape: [node.outChannels],
        init,
      });
    return {
      shape,
      attributes: {
        outChannels: node.outChannels,
        kernel,
        stride,
        padding,
        bias: bias ? 1 : 0,
      },
      parameters,
      buffers: [],
      flops: elementCount(shape) * (2 * fanIn + (bias ? 1 : 0)),
    };
  },
};
