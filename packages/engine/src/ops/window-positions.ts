import type { Attributes } from '../graph/types.js';
import { pairOf, type ReferenceTensor, sizeOf } from './reference-kernel.js';

/** One meeting of a window with an image: places inside one channel plane and inside the window, row-major. */
export interface WindowPosition {
  /** oh * OW + ow */
  readonly output: number;
  /** h * W + w of the element that the window sees, or -1 where it sees padding. */
  readonly input: number;
  /** kh * KW + kw */
  readonly kernel: number;
}

/** Every (output, kernel) position of a window slid over image [.., H, W] with result [.., OH, OW], outputs outermost. */
export function windowPositions(
  image: ReferenceTensor,
  result: ReferenceTensor,
  attributes: Attributes,
): WindowPosition[] {
  const [height, width] = [sizeOf(image, 2), sizeOf(image, 3)];
  const [outHeight, outWidth] = [sizeOf(result, 2), sizeOf(result, 3)];
  const [kernelHeight, kernelWidth] = pairOf(attributes, 'kernel');
  const [strideY, strideX] = pairOf(attributes, 'stride');
  const [paddingY, paddingX] = pairOf(attributes, 'padding');
  const positions: WindowPosition[] = [];
  for (let oh = 0; oh < outHeight; oh += 1) {
    for (let ow = 0; ow < outWidth; ow += 1) {
      for (let kh = 0; kh < kernelHeight; kh += 1) {
        for (let kw = 0; kw < kernelWidth; kw += 1) {
          const h = oh * strideY - paddingY + kh;
          const w = ow * strideX - paddingX + kw;
          const inside = h >= 0 && h < height && w >= 0 && w < width;
          positions.push({
            output: oh * outWidth + ow,
            input: inside ? h * width + w : -1,
            kernel: kh * kernelWidth + kw,
          });
        }
      }
    }
  }
  return positions;
}
