import {
  addTo,
  at,
  pairOf,
  type ReferenceKernel,
  type ReferenceKernels,
  sizeOf,
  tensorOf,
} from '../reference-kernel.js';
import { windowPositions } from '../window-positions.js';

/** x [n,C,H,W] -> y [n,C,OH,OW]: sum over the window / (KH * KW), padding included. */
const forward: ReferenceKernel = ({ inputs, outputs, attributes }) => {
  const [x, y] = [tensorOf(inputs, 'x'), tensorOf(outputs, 'y')];
  const [kernelHeight, kernelWidth] = pairOf(attributes, 'kernel');
  const positions = windowPositions(x, y, attributes).filter((position) => position.input >= 0);
  const [xPlane, yPlane] = [sizeOf(x, 2) * sizeOf(x, 3), sizeOf(y, 2) * sizeOf(y, 3)];
  for (let plane = 0; plane < sizeOf(x, 0) * sizeOf(x, 1); plane += 1) {
    for (const { input, output } of positions) {
      addTo(y, plane * yPlane + output, at(x, plane * xPlane + input) / (kernelHeight * kernelWidth));
    }
  }
};

/** dy -> dx [n,C,H,W] */
const gradData: ReferenceKernel = ({ inputs, outputs, attributes }) => {
  const [dy, dx] = [tensorOf(inputs, 'dy'), tensorOf(outputs, 'dx')];
  const [kernelHeight, kernelWidth] = pairOf(attributes, 'kernel');
  const positions = windowPositions(dx, dy, attributes).filter((position) => position.input >= 0);
  const [xPlane, yPlane] = [sizeOf(dx, 2) * sizeOf(dx, 3), sizeOf(dy, 2) * sizeOf(dy, 3)];
  for (let plane = 0; plane < sizeOf(dx, 0) * sizeOf(dx, 1); plane += 1) {
    for (const { input, output } of positions) {
      addTo(dx, plane * xPlane + input, at(dy, plane * yPlane + output) / (kernelHeight * kernelWidth));
    }
  }
};

export const avgPool2dReference: ReferenceKernels = {
  'avgPool2d.forward': forward,
  'avgPool2d.gradData': gradData,
};
