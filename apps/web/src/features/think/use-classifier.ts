'use client';

import type { Inspection } from '@lockstep/engine/graph';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Answer, ModelSpec, Question } from './classifier-messages.js';

/** While somebody draws, a picture is looked at so often, at most. */
const pauseMs = 80;

export type ClassifierState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'problem'; readonly message: string };

export interface Inspected extends Inspection {
  /** What it is of. */
  readonly pixels: Float32Array;
  readonly milliseconds: number;
}

/**
 * The model of a checkpoint, opened in a worker. Of pictures that come while one is being computed only the newest is kept.
 *
 * @param address where `model.safetensors` is
 */
export function useClassifier(spec: ModelSpec, address: string) {
  const [state, setState] = useState<ClassifierState>({ kind: 'loading' });
  const [inspected, setInspected] = useState<Inspected | null>(null);
  const worker = useRef<Worker | null>(null);
  const isFree = useRef(false);
  const waiting = useRef<Float32Array | null>(null);
  const latest = useRef<Float32Array | null>(null);
  const asked = useRef<Float32Array | null>(null);

  const next = useCallback(() => {
    const pixels = waiting.current;
    if (pixels === null || worker.current === null || !isFree.current) return;
    waiting.current = null;
    isFree.current = false;
    asked.current = pixels;
    worker.current.postMessage({ kind: 'inspect', pixels } satisfies Question);
  }, []);

  useEffect(() => {
    const stop = new AbortController();
    const made = new Worker(new URL('./classifier-worker.ts', import.meta.url), { type: 'module' });
    worker.current = made;
    isFree.current = false;
    setState({ kind: 'loading' });
    // Numbers of another model must not stand under the name of this one.
    setInspected(null);
    const fail = (message: string): void => {
      if (!stop.signal.aborted) setState({ kind: 'problem', message });
    };
    made.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (stop.signal.aborted) return;
      if (data.kind === 'problem') return fail(data.message);
      if (data.kind === 'inspected') {
        const pixels = asked.current ?? new Float32Array();
        setInspected({ ...data.inspection, milliseconds: data.milliseconds, pixels });
      } else {
        setState({ kind: 'ready' });
        // What was shown with the checkpoint before is shown with this one.
        waiting.current = latest.current;
      }
      const free = (): void => {
        isFree.current = true;
        next();
      };
      if (data.kind === 'inspected') setTimeout(free, pauseMs);
      else free();
    };
    made.onerror = () => fail('The part of the page that computes could not be started. Load the page again.');
    void fetchModel(address, stop.signal).then(
      (model) => {
        if (!stop.signal.aborted) made.postMessage({ kind: 'open', spec, model } satisfies Question, [model.buffer]);
      },
      (error: unknown) => fail(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      stop.abort();
      made.terminate();
    };
  }, [spec, address, next]);

  const inspect = useCallback(
    (pixels: Float32Array) => {
      latest.current = pixels;
      waiting.current = pixels;
      next();
    },
    [next],
  );
  return { state, inspected, inspect };
}

async function fetchModel(address: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetch(address, { signal }).catch(() => {
    throw new Error('The model could not be read: the server cannot be reached. Load the page again.');
  });
  if (!answer.ok) {
    const problem = (await answer.json().catch(() => null)) as { detail?: string } | null;
    throw new Error(`The model could not be read. ${problem?.detail ?? `The server answered ${answer.status}.`}`);
  }
  return new Uint8Array(await answer.arrayBuffer());
}
