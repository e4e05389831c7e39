/** Appends a whole number of at most 53 bits, seven bits a byte, the lowest first. */
export function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

/** Reads what `pushVarint` wrote, one number after the other. */
export class VarintReader {
  constructor(
    private readonly bytes: Uint8Array,
    public offset = 0,
  ) {}

  get isAtEnd(): boolean {
    return this.offset >= this.bytes.length;
  }

  next(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.offset++];
      if (byte === undefined) throw new Error('expected another byte of a number, got the end');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }
}
