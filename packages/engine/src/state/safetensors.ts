/**
 * The safetensors format (https://github.com/huggingface/safetensors#format): the header's length as a little-endian
 * uint64, a JSON header {name: {dtype, shape, data_offsets: [begin, end]}}, then the tensors' bytes without gaps.
 * Float32 only, names sorted in byte order, header padded with spaces so that the data starts at a multiple of 8.
 */
import { LockstepError, limits } from '@lockstep/contracts';
import { byNameBytes, type StateTensor, tensorBytes } from './state-tensor.js';

const MAX_HEADER_BYTES = 100_000_000; // the limit of the reference implementation

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * The file as a header and the tensors' bytes in file order, as views: nothing is copied, so that a writer can stream.
 */
export function safetensorsParts(
  tensors: readonly StateTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const sorted = [...tensors].sort(byNameBytes);
  const fields = Object.create(null) as Record<string, unknown>;
  if (Object.keys(metadata).length > 0) fields.__metadata__ = metadata;
  let offset = 0;
  for (const { name, shape, data } of sorted) {
    if (name === '__metadata__' || name in fields) throw new Error(`two tensors, or a reserved name: ${name}`);
    const entry: Entry = { dtype: 'F32', shape: [...shape], data_offsets: [offset, offset + data.byteLength] };
    fields[name] = entry;
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(fields));
  const header = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(json, 8);
  return [header, ...sorted.map(tensorBytes)];
}

/** A whole file in memory. */
export function encodeSafetensors(tensors: readonly StateTensor[], metadata?: Record<string, string>): Uint8Array {
  const parts = safetensorsParts(tensors, metadata);
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.length;
  }
  return file;
}

/**
 * The tensors of a file, in byte order of their names; data are views of `file` where alignment allows. Throws
 * LockstepError `data.corrupt` on anything that does not add up; `source` names the file.
 */
export function parseSafetensors(
  file: Uint8Array,
  source: string,
): { tensors: StateTensor[]; metadata: Record<string, string> } {
  const { header, dataBegin } = readHeader(file, source);
  const data = file.subarray(dataBegin);
  const metadata = Object.create(null) as Record<string, string>;
  const tensors: StateTensor[] = [];
  const ranges: [number, number][] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      Object.assign(metadata, stringMap(value, source));
      continue;
    }
    const { shape, data_offsets } = checkEntry(name, value, data.length, source);
    ranges.push(data_offsets);
    tensors.push({ name, shape, data: floats(data.subarray(...data_offsets)) });
  }
  checkCover(ranges, data.length, source);
  return { tensors: tensors.sort(byNameBytes), metadata };
}

function corrupt(source: string, message: string, cause?: unknown): LockstepError {
  const options = cause === undefined ? {} : { cause };
  return new LockstepError('data.corrupt', `${source}: ${message}; the file is damaged or not safetensors`, options);
}

function readHeader(file: Uint8Array, source: string): { header: Record<string, unknown>; dataBegin: number } {
  if (file.length < 8) throw corrupt(source, `expected at least 8 bytes of safetensors, got ${file.length}`);
  const length = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(Math.min(MAX_HEADER_BYTES, file.length - 8))) {
    throw corrupt(source, `expected a header inside the file of ${file.length} bytes, got one of ${length} bytes`);
  }
  const dataBegin = 8 + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, dataBegin)));
  } catch (cause) {
    throw corrupt(source, 'expected a JSON header, got text that does not parse', cause);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw corrupt(source, 'expected a JSON object as header');
  }
  return { header: header as Record<string, unknown>, dataBegin };
}

function stringMap(value: unknown, source: string): Record<string, string> {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap || Object.values(value).some((text) => typeof text !== 'string')) {
    throw corrupt(source, 'expected __metadata__ to map names to text');
  }
  return value as Record<string, string>;
}

function checkEntry(name: string, value: unknown, dataBytes: number, source: string): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<Record<keyof Entry, unknown>>;
  const isCount = (n: unknown): n is number => typeof n === 'number' && Number.isInteger(n) && n >= 0;
  if (dtype !== 'F32') {
    throw corrupt(source, `expected tensor ${show(name)} of dtype F32, got ${show(dtype)}`);
  }
  if (!Array.isArray(shape) || shape.length > limits.maxRank + 1 || !shape.every(isCount)) {
    throw corrupt(source, `expected a shape for tensor ${show(name)}, got ${show(shape)}`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw corrupt(source, `expected two offsets for tensor ${show(name)}, got ${show(offsets)}`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = shape.reduce((product: number, dimension: number) => product * dimension, 4);
  if (begin > end || end > dataBytes || end - begin !== bytes) {
    throw corrupt(
      source,
      `expected ${bytes} bytes for tensor ${show(name)} [${shape.join(', ')}] inside ${dataBytes} bytes of data, ` +
        `got offsets ${begin} to ${end}`,
    );
  }
  return { dtype, shape: shape as number[], data_offsets: [begin, end] };
}

/** Tensors must follow each other without gap or overlap, and use the file up. */
function checkCover(ranges: readonly [number, number][], dataBytes: number, source: string): void {
  let position = 0;
  for (const [begin, end] of [...ranges].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (begin !== position) throw corrupt(source, `expected a tensor at offset ${position}, got the next at ${begin}`);
    position = end;
  }
  if (position !== dataBytes) throw corrupt(source, `expected ${position} bytes of data, got ${dataBytes}`);
}

function floats(bytes: Uint8Array): Float32Array {
  const from = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Float32Array(from.buffer as ArrayBuffer, from.byteOffset, from.byteLength / 4);
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
