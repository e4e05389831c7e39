export interface TarEntry {
  /** Of at most 100 ASCII characters. */
  readonly name: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
  open(): AsyncIterable<Uint8Array>;
}

const block = 512;
const padded = (bytes: number): number => Math.ceil(bytes / block) * block;

/** Bytes of the archive of these entries. */
export function tarBytes(entries: readonly TarEntry[]): number {
  return entries.reduce((sum, { bytes }) => sum + block + padded(bytes), 2 * block);
}

/** An archive in ustar format, made while it is read. */
export async function* tarArchive(entries: readonly TarEntry[]): AsyncGenerator<Uint8Array, void, void> {
  for (const entry of entries) {
    yield header(entry);
    let bytes = 0;
    for await (const part of entry.open()) {
      bytes += part.byteLength;
      yield part;
    }
    if (bytes !== entry.bytes) throw new Error(`${entry.name} has ${bytes} bytes, expected ${entry.bytes}`);
    yield new Uint8Array(padded(bytes) - bytes);
  }
  yield new Uint8Array(2 * block);
}

function header({ name, bytes, modifiedAt }: TarEntry): Uint8Array {
  if (name.length > 100) throw new Error(`${name} is too long for a tar header`);
  const text = Buffer.alloc(block);
  const octal = (value: number, offset: number, length: number): void => {
    text.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'ascii');
  };
  text.write(name, 0, 'ascii');
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  // 11 octal digits reach 8 GiB; beyond, the size is binary with the first bit set.
  if (bytes < 8 ** 11) octal(bytes, 124, 12);
  else {
    text.writeUInt8(0x80, 124);
    text.writeBigUInt64BE(BigInt(bytes), 128);
  }
  octal(Math.floor(modifiedAt.getTime() / 1000), 136, 12);
  text.write('        0', 148, 'ascii');
  text.write('ustar\0' + '00', 257, 'ascii');
  octal(
    text.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  text.writeUInt8(0x20, 155);
  return text;
}
