import { limits } from '@lockstep/contracts';
import { corruptData } from './corrupt-data.js';
import {
  aligned,
  dtypeBytes,
  MAX_SHARD_HEADER_BYTES,
  type SampleDtype,
  SHARD_FORMAT,
  type ShardHeader,
  type ShardSection,
  sampleElements,
} from './shard-header.js';

type Fields = Record<string, unknown>;

const REMEDY = 'prepare the dataset again';

/**
 * Header of a shard file from its first bytes (all of the header, more is fine) and the size of the whole file.
 * Trusts nothing: every number is checked against the layout and the size, so that whoever maps the file can use the
 * offsets. Content hashes are the caller's to check. Throws LockstepError `data.corrupt`; `source` names the file.
 */
export function parseShardHeader(bytes: Uint8Array, fileBytes: number, source: string): ShardHeader {
  const { fields, headerEnd } = readJson(bytes, fileBytes, source);
  onlyFields(fields, ['format', 'count', 'shape', 'dtype', 'classes', 'samples', 'labels'], 'header', source);
  if (fields.format !== SHARD_FORMAT) {
    throw corruptData(`${source}: expected a shard of format ${SHARD_FORMAT}, got ${show(fields.format)}; ${REMEDY}`);
  }
  const count = integer(fields.count, 1, limits.maxSamples, 'count', source);
  const shape = sampleShape(fields.shape, source);
  const dtype = sampleDtype(fields.dtype, source);
  const classes = integer(fields.classes, 1, limits.maxClasses, 'classes', source);

  const samplesBytes = count * sampleElements(shape) * dtypeBytes(dtype);
  const samples = section(fields.samples, 'samples', aligned(headerEnd), samplesBytes, [], source);
  const labelsOffset = aligned(samples.offset + samples.bytes);
  const labels = section(fields.labels, 'labels', labelsOffset, count * 4, ['dtype'], source);
  if ((fields.labels as Fields).dtype !== 'int32') {
    throw corruptData(
      `${source}: expected labels.dtype int32, got ${show((fields.labels as Fields).dtype)}; ${REMEDY}`,
    );
  }
  const end = labels.offset + labels.bytes;
  if (fileBytes !== end) {
    const what = fileBytes < end ? 'the file is cut short' : 'the file has bytes after its end';
    throw corruptData(`${source}: expected a file of ${end} bytes, got ${fileBytes} (${what}); ${REMEDY}`);
  }
  return { format: SHARD_FORMAT, count, shape, dtype, classes, samples, labels: { ...labels, dtype: 'int32' } };
}

function readJson(bytes: Uint8Array, fileBytes: number, source: string): { fields: Fields; headerEnd: number } {
  if (bytes.length < 8) {
    throw corruptData(`${source}: expected a shard file of at least 8 bytes, got ${bytes.length}; ${REMEDY}`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (
    length < 2n ||
    length > BigInt(MAX_SHARD_HEADER_BYTES) ||
    Number(length) + 8 > Math.min(bytes.length, fileBytes)
  ) {
    throw corruptData(
      `${source}: expected a shard header of 2 to ${MAX_SHARD_HEADER_BYTES} bytes inside the file, got a length of ` +
        `${length} in a file of ${fileBytes} bytes; the file is not a shard, or is damaged: ${REMEDY}`,
    );
  }
  const headerEnd = 8 + Number(length);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, headerEnd)));
  } catch (cause) {
    throw corruptData(`${source}: expected a JSON shard header, got text that does not parse; ${REMEDY}`, cause);
  }
  return { fields: record(value, 'header', source), headerEnd };
}

function record(value: unknown, name: string, source: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw corruptData(`${source}: expected ${name} to be an object, got ${show(value)}; ${REMEDY}`);
  }
  return value as Fields;
}

function onlyFields(fields: Fields, allowed: readonly string[], name: string, source: string): void {
  const unknown = Object.keys(fields).find((key) => !allowed.includes(key));
  if (unknown !== undefined) {
    throw corruptData(`${source}: expected only ${allowed.join(', ')} in the ${name}, got ${show(unknown)}; ${REMEDY}`);
  }
}

function integer(value: unknown, least: number, most: number, name: string, source: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw corruptData(
      `${source}: expected ${name} to be an integer in [${least}, ${most}], got ${show(value)}; ${REMEDY}`,
    );
  }
  return value;
}

function sampleShape(value: unknown, source: string): number[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > limits.maxRank) {
    throw corruptData(`${source}: expected shape to have 1 to ${limits.maxRank} axes, got ${show(value)}; ${REMEDY}`);
  }
  const shape = value.map((dimension, axis) => integer(dimension, 1, limits.maxDimension, `shape[${axis}]`, source));
  if (sampleElements(shape) > limits.maxElements) {
    throw corruptData(
      `${source}: expected at most ${limits.maxElements} elements a sample, got [${shape.join(', ')}]; ${REMEDY}`,
    );
  }
  return shape;
}

function sampleDtype(value: unknown, source: string): SampleDtype {
  if (value === 'uint8' || value === 'float32') return value;
  throw corruptData(`${source}: expected dtype uint8 or float32, got ${show(value)}; ${REMEDY}`);
}

function section(
  value: unknown,
  name: string,
  offset: number,
  bytes: number,
  extraFields: readonly string[],
  source: string,
): ShardSection {
  const fields = record(value, name, source);
  onlyFields(fields, ['offset', 'bytes', 'sha256', ...extraFields], name, source);
  for (const [field, expected] of [
    ['offset', offset],
    ['bytes', bytes],
  ] as const) {
    // Also fails where the product of the dimensions is no longer exact: no file is that large.
    if (fields[field] !== expected || !Number.isSafeInteger(expected)) {
      throw corruptData(`${source}: expected ${name}.${field} ${expected}, got ${show(fields[field])}; ${REMEDY}`);
    }
  }
  if (typeof fields.sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(fields.sha256)) {
    throw corruptData(`${source}: expected ${name}.sha256 to be 64 hex digits, got ${show(fields.sha256)}; ${REMEDY}`);
  }
  return { offset, bytes, sha256: fields.sha256 };
}

/** A value in an error message: short, whatever it is. */
function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
