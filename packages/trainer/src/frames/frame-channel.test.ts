import { Duplex } from 'node:stream';
import { encodeFrame, type LockstepError, limits } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FrameChannel } from './frame-channel.js';

const incoming = z.strictObject({ type: z.literal('note'), text: z.string() });
type Note = z.infer<typeof incoming>;

function channel() {
  const written: Buffer[] = [];
  const stream = new Duplex({
    read: () => undefined,
    write: (bytes: Buffer, _encoding, done) => {
      written.push(bytes);
      done();
    },
  });
  const frames: Note[] = [];
  const closings: (LockstepError | null)[] = [];
  const made = new FrameChannel<Note, Note>({
    stream,
    incoming,
    onFrame: (frame) => frames.push(frame),
    onClose: (error) => closings.push(error),
  });
  const closed = new Promise<void>((resolve) => stream.once('close', resolve));
  const arrive = (bytes: Uint8Array) => stream.emit('data', bytes);
  return { made, stream, frames, closings, closed, arrive, written };
}

const note = (text: string): Note => ({ type: 'note', text });

describe('frame channel', () => {
  it('reads frames however the pipe cuts them', () => {
    const { frames, arrive } = channel();
    const bytes = Buffer.concat([note('one'), note('zwölf'), note('')].map(encodeFrame));
    for (const byte of bytes) arrive(Uint8Array.of(byte));
    arrive(bytes);
    expect(frames.map((frame) => frame.text)).toEqual(['one', 'zwölf', '', 'one', 'zwölf', '']);
  });

  it.each([
    { name: 'a length beyond the limit', bytes: Buffer.from(Uint32Array.of(limits.frameBytes + 1).buffer) },
    { name: 'bytes that are not JSON', bytes: Buffer.from([3, 0, 0, 0, 1, 2, 3]) },
    { name: 'a frame outside the schema', bytes: Buffer.from(encodeFrame({ type: 'note', text: 1 })) },
  ])('cuts off a side that sends $name, and delivers nothing after it', async ({ bytes }) => {
    const { frames, closings, closed, arrive } = channel();
    arrive(encodeFrame(note('good')));
    arrive(Buffer.concat([bytes, encodeFrame(note('late'))]));
    await closed;
    expect(frames.map((frame) => frame.text)).toEqual(['good']);
    expect(closings.map((error) => error?.code)).toEqual(['internal.frame']);
  });

  it('reports the end of the pipe once, and sending after it does nothing', async () => {
    const { made, stream, closings, closed, written } = channel();
    made.send(note('before'));
    stream.push(null);
    stream.resume();
    stream.destroy();
    await closed;
    made.send(note('after'));
    await made.flush();
    expect(closings).toEqual([null]);
    expect(written).toHaveLength(1);
  });
});
