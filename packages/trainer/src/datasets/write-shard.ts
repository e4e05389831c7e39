import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  corruptData,
  encodeShardHeader,
  type IdxHeader,
  idxSampleShape,
  idxToFloat32,
  type SampleDtype,
  type ShardHeader,
  sampleElements,
} from '@lockstep/engine/train';
import { readIdxData } from './idx-source.js';

export interface ShardSource {
  imagesPath: string;
  images: IdxHeader;
  /** [count], already checked against `classes`. */
  labels: Int32Array;
  classes: number;
}

/** Writes all of `bytes` at `position`: one write may take less. */
async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/**
 * Converts a file of images to a shard file at `path` (which must not exist), streaming, and flushes it to the disk.
 * uint8 stays, other types become float32; a float that is not finite is refused by the number of its sample.
 */
export async function writeShard(path: string, source: ShardSource): Promise<ShardHeader> {
  const { imagesPath, images, labels, classes } = source;
  const shape = idxSampleShape(images.dimensions, basename(imagesPath));
  const dtype: SampleDtype = images.type === 'uint8' ? 'uint8' : 'float32';
  const labelBytes = new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength);
  const content = {
    count: labels.length,
    shape,
    dtype,
    classes,
    samplesSha256: '0'.repeat(64),
    labelsSha256: createHash('sha256').update(labelBytes).digest('hex'),
  };
  const { header: layout } = encodeShardHeader(content);
  const handle = await open(path, 'wx');
  try {
    const samplesSha256 = await writeSamples(handle, layout.samples.offset, source, sampleElements(shape));
    await writeFully(handle, labelBytes, layout.labels.offset);
    const { header, bytes } = encodeShardHeader({ ...content, samplesSha256 });
    await writeFully(handle, bytes, 0);
    await handle.sync();
    return header;
  } finally {
    await handle.close();
  }
}

async function writeSamples(
  handle: FileHandle,
  offset: number,
  { imagesPath, images }: ShardSource,
  elements: number,
): Promise<string> {
  const hash = createHash('sha256');
  let position = offset;
  let element = 0;
  for await (const bytes of readIdxData(imagesPath, images)) {
    let out = bytes;
    if (images.type !== 'uint8') {
      const floats = idxToFloat32(images.type, bytes);
      const bad = floats.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) {
        throw corruptData(
          `${basename(imagesPath)}: expected finite numbers, got ${floats[bad]} in sample ` +
            `${Math.floor((element + bad) / elements)}; correct or leave out the sample`,
        );
      }
      element += floats.length;
      out = new Uint8Array(floats.buffer);
    }
    hash.update(out);
    await writeFully(handle, out, position);
    position += out.length;
  }
  return hash.digest('hex');
}
