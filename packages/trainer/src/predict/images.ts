import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { LockstepError, type ResolvedSpec } from '@lockstep/contracts';
import { idxSampleShape, idxToFloat32, parseIdx } from '@lockstep/engine/train';
import { PNG } from 'pngjs';

/** Images of one file, not yet normalised: [count, ...shape], 0 to 255 where they came as bytes. */
export interface ImageFile {
  /** What to call each image: the file's name, with the index where the file holds several. */
  names: string[];
  samples: Float32Array;
  shape: readonly number[];
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const largestFileBytes = 1024 ** 3;
const largestPixels = 2 ** 26;

/** Reads PNG or IDX (.gz or not), told apart by content. Throws LockstepError `bad-input.image` or `data.corrupt`. */
export async function readImages(path: string, spec: ResolvedSpec): Promise<ImageFile> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new LockstepError('bad-input.image', `${path} cannot be read (${code}). Name a PNG or IDX file.`, { cause });
  }
  const shape = spec.data.sampleShape;
  const file = bytes.subarray(0, 8).equals(pngSignature)
    ? readPng(bytes, path, shape)
    : readIdx(unzip(bytes, path), path);
  if (file.shape.join() !== shape.join()) {
    throw new LockstepError(
      'bad-input.image',
      `${path}: expected images of shape [${shape.join(', ')}] for this model, got [${file.shape.join(', ')}]. Resize or convert them first.`,
    );
  }
  return file;
}

function unzip(bytes: Buffer, path: string): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: largestFileBytes });
  } catch (cause) {
    throw new LockstepError(
      'data.corrupt',
      `${path}: expected gzip data, but it does not unpack. Copy the file again.`,
      { cause },
    );
  }
}

function readIdx(bytes: Buffer, path: string): ImageFile {
  const { header, data } = parseIdx(bytes, path);
  const [count = 0] = header.dimensions;
  const names = Array.from({ length: count }, (_, index) => `${basename(path)}[${index}]`);
  return { names, samples: idxToFloat32(header.type, data), shape: idxSampleShape(header.dimensions, path) };
}

/** [H,W] pixels as the channels that the model wants: one is grey, three are red, green, blue, four add alpha. */
function readPng(bytes: Buffer, path: string, shape: readonly number[]): ImageFile {
  const [channels = 1, height = 1, width = 1] = shape.length === 3 ? shape : [1, ...shape];
  const size = bytes.length < 24 ? null : { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  if (size !== null && size.width * size.height > largestPixels) {
    throw new LockstepError(
      'bad-input.image',
      `${path}: expected an image of ${width}×${height} pixels, got ${size.width}×${size.height}. Resize it first.`,
    );
  }
  let png: PNG;
  try {
    png = PNG.sync.read(bytes);
  } catch (cause) {
    throw new LockstepError(
      'data.corrupt',
      `${path}: the PNG cannot be decoded (${(cause as Error).message}). Save it again.`,
      {
        cause,
      },
    );
  }
  const pixels = png.width * png.height;
  const samples = new Float32Array(channels * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = png.data.subarray(4 * pixel, 4 * pixel + 4);
    // Rec. 601 luma, as image libraries turn colour into grey.
    const values =
      channels === 1 ? [Math.round(0.299 * red + 0.587 * green + 0.114 * blue)] : [red, green, blue, alpha];
    for (let channel = 0; channel < channels; channel++) samples[channel * pixels + pixel] = values[channel] ?? 0;
  }
  return { names: [basename(path)], samples, shape: [channels, png.height, png.width] };
}
