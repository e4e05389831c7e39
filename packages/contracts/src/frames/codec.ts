import { LockstepError } from '../errors/lockstep-error.js';
import { limits } from '../limits/limits.js';

const prefixBytes = 4;

/** One frame as bytes: its length in 4 little-endian bytes, then JSON in UTF-8 on one line. */
export function encodeFrame(frame: object): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(frame));
  if (body.length > limits.frameBytes) {
    throw new LockstepError(
      'internal.frame',
      `A frame may have ${limits.frameBytes} bytes, this one has ${body.length}. Data goes through files, not through frames.`,
    );
  }
  const bytes = new Uint8Array(prefixBytes + body.length);
  new DataView(bytes.buffer).setUint32(0, body.length, true);
  bytes.set(body, prefixBytes);
  return bytes;
}

/**
 * Cuts a byte stream into frames, however the pipe cut it. `push` gives the parsed JSON of each whole frame; the caller
 * checks it against a frame schema. Throws LockstepError `internal.frame` for a length beyond the limit or for bytes that
 * are not JSON; the stream is lost then and must be closed.
 */
export class FrameDecoder {
  private pending: Uint8Array[] = [];
  private pendingBytes = 0;
  /** Bytes that the frame at the front needs, prefix included; the prefix alone until it is known. */
  private neededBytes = prefixBytes;

  push(bytes: Uint8Array): unknown[] {
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
    const frames: unknown[] = [];
    // Bytes are joined only when they hold a whole prefix or frame, so that many small reads stay linear.
    while (this.pendingBytes >= this.neededBytes) {
      const joined = this.join();
      const bodyBytes = new DataView(joined.buffer, joined.byteOffset, prefixBytes).getUint32(0, true);
      if (bodyBytes > limits.frameBytes) {
        throw new LockstepError(
          'internal.frame',
          `A frame may have ${limits.frameBytes} bytes, the next one announces ${bodyBytes}. The other side does not speak this protocol.`,
        );
      }
      this.neededBytes = prefixBytes + bodyBytes;
      if (joined.length < this.neededBytes) break;
      frames.push(parseBody(joined.subarray(prefixBytes, this.neededBytes)));
      this.pending = [joined.subarray(this.neededBytes)];
      this.pendingBytes = joined.length - this.neededBytes;
      this.neededBytes = prefixBytes;
    }
    return frames;
  }

  private join(): Uint8Array {
    const only = this.pending.length === 1 ? this.pending[0] : undefined;
    if (only !== undefined) return only;
    const joined = new Uint8Array(this.pendingBytes);
    let offset = 0;
    for (const part of this.pending) {
      joined.set(part, offset);
      offset += part.length;
    }
    this.pending = [joined];
    return joined;
  }
}

function parseBody(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new LockstepError('internal.frame', `A frame must be JSON in UTF-8; ${body.length} bytes are not.`, {
      cause,
    });
  }
}
