import { addTo, at, type ReferenceKernel, type ReferenceKernels, sizeOf, tensorOf } from '../reference-kernel.js';
import { windowPositions } from '../window-positions.js';

/** x [n,I,H,W], weight [O,I,KH,KW], bias [O] -> y [n,O,OH,OW]; a cross-correlation, as all of deep learning calls convolution. */
const forward: ReferenceKernel = ({ inputs, outputs, attributes }) => {
  const y = tensorOf(outputs, 'y');
  if (inputs.bias !== undefined) {
    const [samples, outChannels, plane] = [sizeOf(y, 0), sizeOf(y, 1), sizeOf(y, 2) * sizeOf(y, 3)];
    for (let row = 0; row < samples * outChannels; row += 1) {
      y.data.fill(at(inputs.bias, row % outChannels), row * plane, (row + 1) * plane);
    }
  }
  const [x, weight] = [tensorOf(inputs, 'x'), tensorOf(inputs, 'weight')];
  forEachProduct(x, y, weight.shape, attributes, (xIndex, yIndex, weightIndex) => {
    addTo(y, yIndex, at(x, xIndex) * at(weight, weightIndex));
  });
};

/** dy [n,O,OH,OW], weight -> dx [n,I,H,W] */
const gradData: ReferenceKernel = ({ inputs, outputs, attributes }) => {
  const [dy, weight, dx] = [tensorOf(inputs, 'dy'), tensorOf(inputs, 'weight'), tensorOf(outputs, 'dx')];
  forEachProduct(dx, dy, weight.shape, attributes, (xIndex, yIndex, weightIndex) => {
    addTo(dx, xIndex, at(dy, yIndex) * at(weight, weightIndex));
  });
};

/** x, dy -> dweight [O,I,KH,KW], dbias [O] */
const gradWeights: ReferenceKernel = ({ inputs, outputs, attributes }) => {
  const [x, dy, dweight] = [tensorOf(inputs, 'x'), tensorOf(inputs, 'dy'), tensorOf(outputs, 'dweight')];
  forEachProduct(x, dy, dweight.shape, attributes, (xIndex, yIndex, weightIndex) => {
    addTo(dweight, weightIndex, at(x, xIndex) * at(dy, yIndex));
  });
  if (outputs.dbias === undefined) return;
  const [outChannels, plane] = [sizeOf(dy, 1), sizeOf(dy, 2) * sizeOf(dy, 3)];
  for (const [index, value] of dy.data.entries()) addTo(outputs.dbias, Math.floor(index / plane) % outChannels, value);
};

/** Visits every product of the convolution as indices into image, result and weight. */
function forEachProduct(
  image: Parameters<typeof windowPositions>[0],
  result: Parameters<typeof windowPositions>[1],
  weightShape: readonly number[],
  attributes: Parameters<typeof windowPositions>[2],
  visit: (imageIndex: number, resultIndex: number, weightIndex: number) => void,
): void {
  const [outChannels = 0, inChannels = 0, kernelHeight = 0, kernelWidth = 0] = weightShape;
  const window = kernelHeight * kernelWidth;
  const imagePlane = sizeOf(image, 2) * sizeOf(image, 3);
  const resultPlane = sizeOf(result, 2) * sizeOf(result, 3);
  const positions = windowPositions(image, result, attributes).filter((position) => position.input >= 0);
  for (let sample = 0; sample < sizeOf(image, 0); sample += 1) {
    for (let o = 0; o < outChannels; o += 1) {
      for (let i = 0; i < inChannels; i += 1) {
        const imageStart = (sample * inChannels + i) * imagePlane;
        const resultStart = (sample * outChannels + o) * resultPlane;
        const weightStart = (o * inChannels + i) * window;
        for (const { input, output, kernel } of positions) {
          visit(imageStart + input, resultStart + output, weightStart + kernel);
        }
      }
    }
  }
}

export const conv2dReference: ReferenceKernels = {
  'conv2d.forward': forward,
  'conv2d.gradData': gradData,
  'conv2d.gradWeights': gradWeights,
};
