import type { Duplex } from 'node:stream';
import { encodeFrame, FrameDecoder, LockstepError } from '@lockstep/contracts';
import type { z } from 'zod';

export interface FrameChannelOptions<In> {
  stream: Duplex;
  /** What the other side may send. */
  incoming: z.ZodType<In>;
  onFrame: (frame: In) => void;
  /** Called once: with null when the other side closed the pipe, with the error when it broke the protocol. */
  onClose: (error: LockstepError | null) => void;
}

/**
 * Frames in both directions over one pipe. Reads may be cut anywhere. A side that sends a frame which is too big, not
 * JSON or not in the schema is cut off: what follows in its stream cannot be trusted.
 */
export class FrameChannel<In, Out extends object> {
  private readonly decoder = new FrameDecoder();
  private readonly stream: Duplex;
  private closed = false;

  constructor(private readonly options: FrameChannelOptions<In>) {
    this.stream = options.stream;
    this.stream.on('data', (bytes: Uint8Array) => this.receive(bytes));
    this.stream.on('end', () => this.close(null));
    this.stream.on('close', () => this.close(null));
    // A broken pipe is the other side's end, which `close` reports; whoever waits for frames needs no second account.
    this.stream.on('error', () => this.close(null));
  }

  /** Sends a frame; after the other side is gone it does nothing. */
  send(frame: Out): void {
    if (this.closed || !this.stream.writable) return;
    this.stream.write(encodeFrame(frame));
  }

  /** Resolves when everything sent so far was handed to the kernel, or when the other side is gone. */
  async flush(): Promise<void> {
    if (this.closed || !this.stream.writable) return;
    await new Promise<void>((resolve) => {
      this.stream.once('close', () => resolve());
      this.stream.write(new Uint8Array(0), () => resolve());
    });
  }

  /** Stops listening: frames that still arrive are not delivered. */
  abandon(): void {
    this.closed = true;
    this.stream.destroy();
  }

  private receive(bytes: Uint8Array): void {
    if (this.closed) return;
    try {
      for (const value of this.decoder.push(bytes)) {
        const parsed = this.options.incoming.safeParse(value);
        if (!parsed.success) {
          throw new LockstepError('internal.frame', 'A frame came that is not in the protocol.', {
            detail: parsed.error.message,
          });
        }
        this.options.onFrame(parsed.data);
        if (this.closed) return;
      }
    } catch (error) {
      if (!(error instanceof LockstepError)) throw error;
      this.close(error);
      this.stream.destroy();
    }
  }

  private close(error: LockstepError | null): void {
    if (this.closed) return;
    this.closed = true;
    this.options.onClose(error);
  }
}
