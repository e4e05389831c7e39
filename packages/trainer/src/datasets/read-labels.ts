import { basename } from 'node:path';
import { limits } from '@lockstep/contracts';
import { corruptData, type IdxHeader, idxToLabels } from '@lockstep/engine/train';
import { readIdxData } from './idx-source.js';

/** Labels [count] of an IDX file, each checked to lie in [0, classes); without `classes`, in [0, limits.maxClasses). */
export async function readLabels(path: string, header: IdxHeader, classes: number | null): Promise<Int32Array> {
  const source = basename(path);
  idxToLabels(header, new Uint8Array(0), source); // refuses images and floats before anything is read
  const parts: Int32Array[] = [];
  let count = 0;
  const bound = classes ?? limits.maxClasses;
  for await (const bytes of readIdxData(path, header)) {
    const labels = idxToLabels(header, bytes, source);
    const bad = labels.findIndex((label) => label < 0 || label >= bound);
    if (bad >= 0) {
      const why = classes === null ? '' : ` for ${classes} classes`;
      throw corruptData(
        `${source}: expected labels from 0 to ${bound - 1}${why}, got ${labels[bad]} for sample ${count + bad}; ` +
          'correct the label, or give the number of classes',
      );
    }
    parts.push(labels);
    count += labels.length;
  }
  const all = new Int32Array(count);
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
