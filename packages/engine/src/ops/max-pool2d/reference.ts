import { addTo, at, type ReferenceKernel, type ReferenceKernels, sizeOf, tensorOf } from '../reference-kernel.js';
import { windowPositions } from '../window-positions.js';

/** x [n,C,H,W] -> y [n,C,OH,OW], workspace: index h*W + w of the winner inside its plane. The first maximum wins. */
const forward: ReferenceKernel = ({ inputs, outputs, attributes }) => {
  const [x, y, workspace] = [tensorOf(inputs, 'x'), tensorOf(outputs, 'y'), tensorOf(outputs, 'workspace')];
  const positions = windowPositions(x, y, attributes).filter((position) => position.input >= 0);
  const [xPlane, yPlane] = [sizeOf(x, 2) * sizeOf(x, 3), sizeOf(y, 2) * sizeOf(y, 3)];
  y.data.fill(Number.NEGATIVE_INFINITY);
  workspace.data.fill(-1);
  for (let plane = 0; plane < sizeOf(x, 0) * sizeOf(x, 1); plane += 1) {
    for (const { input, output } of positions) {
      const value = at(x, plane * xPlane + input);
      const target = plane * yPlane + output;
      if (at(workspace, target) >= 0 && !(value > at(y, target))) continue;
      y.data[target] = value;
      workspace.data[target] = input;
    }
  }
};

/** dy, workspace -> dx [n,C,H,W] */
const gradData: ReferenceKernel = ({ inputs, outputs }) => {
  const [dy, workspace, dx] = [tensorOf(inputs, 'dy'), tensorOf(inputs, 'workspace'), tensorOf(outputs, 'dx')];
  const [xPlane, yPlane] = [sizeOf(dx, 2) * sizeOf(dx, 3), sizeOf(dy, 2) * sizeOf(dy, 3)];
  for (const [index, value] of dy.data.entries()) {
    addTo(dx, Math.floor(index / yPlane) * xPlane + at(workspace, index), value);
  }
};

export const maxPool2dReference: ReferenceKernels = {
  'maxPool2d.forward': forward,
  'maxPool2d.gradData': gradData,
};
