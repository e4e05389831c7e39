import { type GraphSpec, type LayerSpec, LockstepError } from '@lockstep/contracts';
import { layersToGraph } from '../layers-to-graph.js';

const blocksPerStage = 3;
const stageChannels = [16, 32, 64];
const smallestSide = 8;

/**
 * ResNet-20 for small images: a 3x3 convolution, three stages of three blocks with 16, 32 and 64 channels, the mean over
 * the last map, a linear layer. He et al., "Deep Residual Learning for Image Recognition", 2015, section 4.2, with
 * projection shortcuts (option B) where a stage halves the map.
 *
 * @throws LockstepError `bad-input.graph` unless the samples are images of at least 8x8
 */
export function resnet20(sampleShape: readonly number[], classes: number): GraphSpec {
  const [, height = 0, width = 0] = sampleShape;
  if (sampleShape.length !== 3 || height < smallestSide || width < smallestSide) {
    throw new LockstepError(
      'bad-input.graph',
      `preset resnet20: expected samples of shape [channels, height, width] with sides of at least ${smallestSide}, ` +
        `got [${sampleShape.join(', ')}]. To fix it, use larger images or the preset mlp.`,
    );
  }
  const layers: LayerSpec[] = [...convolution('conv1', 'input', 16, 3, 1), { name: 'relu1', op: 'relu' }];
  let previous = 'relu1';
  for (const [stage, channels] of stageChannels.entries()) {
    for (let block = 0; block < blocksPerStage; block += 1) {
      const name = `stage${stage + 1}-block${block + 1}`;
      layers.push(...residualBlock(name, previous, channels, stage > 0 && block === 0));
      previous = `${name}-relu2`;
    }
  }
  const halved = (side: number): number => Math.ceil(Math.ceil(side / 2) / 2);
  layers.push(
    { name: 'pool', op: 'avgPool2d', kernel: [halved(height), halved(width)] }, // [64,H/4,W/4] -> [64,1,1]
    { name: 'flatten', op: 'flatten' },
    { name: 'fc', op: 'linear', outFeatures: classes },
    { name: 'logSoftmax', op: 'logSoftmax' },
  );
  return layersToGraph(layers, sampleShape);
}

/** A convolution without bias (the shift of the batch norm replaces it) and its batch norm, which is named `<name>-bn`. */
function convolution(name: string, input: string, outChannels: number, kernel: number, stride: number): LayerSpec[] {
  const padding = (kernel - 1) / 2;
  return [
    {
      name,
      op: 'conv2d',
      inputs: [input],
      outChannels,
      kernel,
      stride,
      padding,
      bias: false,
    },
    { name: `${name}-bn`, op: 'batchNorm' },
  ];
}

function residualBlock(name: string, input: string, channels: number, halves: boolean): LayerSpec[] {
  const stride = halves ? 2 : 1;
  const shortcut = halves ? convolution(`${name}-shortcut`, input, channels, 1, stride) : [];
  return [
    ...convolution(`${name}-conv1`, input, channels, 3, stride),
    { name: `${name}-relu1`, op: 'relu' },
    ...convolution(`${name}-conv2`, `${name}-relu1`, channels, 3, 1),
    ...shortcut,
    {
      name: `${name}-add`,
      op: 'add',
      inputs: [`${name}-conv2-bn`, halves ? `${name}-shortcut-bn` : input],
    },
    { name: `${name}-relu2`, op: 'relu' },
  ];
}
