/** A body made piece by piece, as fast as the reader takes it. `make` sees the signal abort when the reader is gone. */
export function streamOf(
  make: (signal: AbortSignal) => AsyncGenerator<Uint8Array | string, void, void>,
  onError: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const gone = new AbortController();
  const pieces = make(gone.signal);
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
      } catch (error) {
        if (!gone.signal.aborted) onError(error);
        controller.error(error);
      }
    },
    async cancel() {
      gone.abort();
      await pieces.return();
    },
  });
}
