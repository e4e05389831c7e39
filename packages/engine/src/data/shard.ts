import { createHash } from 'node:crypto';
import { corruptData } from './corrupt-data.js';
import { parseShardHeader } from './parse-shard-header.js';
import { encodeShardHeader, type SampleDtype, type ShardHeader } from './shard-header.js';

export interface Shard {
  header: ShardHeader;
  /** count x shape elements, row-major; a view of the file's bytes where alignment allows. */
  samples: Uint8Array | Float32Array;
  /** [count] */
  labels: Int32Array;
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function bytesOf(array: Uint8Array | Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A whole shard file in memory; for small data. samples: [count, ...shape]; labels: [count]. */
export function encodeShard(content: {
  shape: readonly number[];
  classes: number;
  samples: Uint8Array | Float32Array;
  labels: Int32Array;
}): Uint8Array {
  const { shape, classes, samples, labels } = content;
  const dtype: SampleDtype = samples instanceof Float32Array ? 'float32' : 'uint8';
  const { header, bytes } = encodeShardHeader({
    count: labels.length,
    shape,
    dtype,
    classes,
    samplesSha256: sha256Hex(bytesOf(samples)),
    labelsSha256: sha256Hex(bytesOf(labels)),
  });
  const file = new Uint8Array(header.labels.offset + header.labels.bytes);
  file.set(bytes);
  file.set(bytesOf(samples), header.samples.offset);
  file.set(bytesOf(labels), header.labels.offset);
  return file;
}

/**
 * A whole shard file: header, content hashes and the range of every label are checked. Throws LockstepError
 * `data.corrupt`; `source` names the file in messages.
 */
export function parseShard(file: Uint8Array, source: string): Shard {
  const header = parseShardHeader(file, file.length, source);
  const section = (name: 'samples' | 'labels'): Uint8Array => {
    const { offset, bytes, sha256 } = header[name];
    const content = file.subarray(offset, offset + bytes);
    const actual = sha256Hex(content);
    if (actual !== sha256) {
      throw corruptData(`${source}: expected ${name} with SHA-256 ${sha256}, got ${actual}; prepare the dataset again`);
    }
    return content;
  };
  const samples = section('samples');
  const labels = asArray(section('labels'), Int32Array);
  const bad = labels.findIndex((label) => label < 0 || label >= header.classes);
  if (bad >= 0) {
    throw corruptData(
      `${source}: expected labels in [0, ${header.classes}), got ${labels[bad]} for sample ${bad}; prepare the dataset again`,
    );
  }
  return { header, samples: header.dtype === 'uint8' ? samples : asArray(samples, Float32Array), labels };
}

function asArray<T>(bytes: Uint8Array, type: new (buffer: ArrayBuffer, offset: number, length: number) => T): T {
  const source = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new type(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength / 4);
}
