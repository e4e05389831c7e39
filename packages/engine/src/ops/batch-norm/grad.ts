import { elementCount } from '../../graph/elements.js';
import type { GraphNode } from '../../graph/types.js';
import { inputGradient, type OpGradient, savedId } from '../op-gradient.js';
import type { ProgramBuilder } from '../program-builder.js';

/** A lane of one sample has no variance worth the name, so it normalises by the running statistics, as evaluation does. */
function usesLaneStatistics(builder: ProgramBuilder): boolean {
  return builder.mode === 'train' && builder.batch > 1;
}

function epsilonOf(node: GraphNode) {
  return { epsilon: node.attributes.epsilon ?? 0 };
}

/** Ioffe and Szegedy, "Batch Normalization", 2015. The statistics are those of the lane. */
export const batchNormGradient: OpGradient = {
  forward(builder, node, inputs) {
    const [x = -1] = inputs;
    const y = builder.activation(node.name, node.shape);
    const parameters = builder.parameters(node);
    if (!usesLaneStatistics(builder)) {
      const roles = { x, ...parameters, ...builder.buffers(node) };
      builder.call('batchNorm.forwardRunning', node.name, roles, { y }, epsilonOf(node));
      return { y, saved: { x } };
    }
    const channels = node.shape.slice(0, 1);
    const mean = builder.value('workspace', `${node.name}.mean`, channels);
    const variance = builder.value('workspace', `${node.name}.variance`, channels);
    const outputs = { y, mean, variance };
    builder.call('batchNorm.forwardTraining', node.name, { x, ...parameters }, outputs, epsilonOf(node));
    const batchMean = builder.value('statistic', `${node.name}.batchMean`, channels);
    const batchVariance = builder.value('statistic', `${node.name}.batchVariance`, channels);
    builder.call(
      'batchNorm.statistics',
      node.name,
      { mean, variance },
      { batchMean, batchVariance },
      { samples: builder.batch, spatial: elementCount(node.shape.slice(1)) },
    );
    return { y, saved: { x, mean, variance } };
  },
  backward(builder, node, dy, saved, wanted) {
    const x = savedId(saved, 'x');
    const scale = savedId(builder.parameters(node), 'scale');
    // The kernel computes dx in the same pass as the parameter gradients, so it is written even if nobody reads it.
    const dx = inputGradient(builder, node);
    const outputs = { dx, ...builder.parameterGradients(node) };
    if (usesLaneStatistics(builder)) {
      const statistics = {
        mean: savedId(saved, 'mean'),
        variance: savedId(saved, 'variance'),
      };
      const roles = { x, dy, scale, ...statistics };
      builder.call('batchNorm.gradTraining', node.name, roles, outputs, epsilonOf(node));
    } else {
      const roles = { x, dy, scale, ...builder.buffers(node) };
      builder.call('batchNorm.gradRunning', node.name, roles, outputs, epsilonOf(node));
    }
    return [wanted[0] ? dx : null];
  },
};
