import type { RunStreamEvent } from '@lockstep/contracts';

export interface SeenEvent {
  /** Null where the event has none. */
  readonly id: string | null;
  readonly type: string;
  readonly data: RunStreamEvent;
}

/** Reads server-sent events until `until` says so, the server ends the stream, or `maxMs` are over. */
export async function readEvents(
  url: string,
  headers: Readonly<Record<string, string>>,
  until: (event: SeenEvent) => boolean,
  maxMs = 20_000,
): Promise<{ events: SeenEvent[]; lastId: string | null; ended: boolean }> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), maxMs);
  const events: SeenEvent[] = [];
  let lastId: string | null = null;
  try {
    const response = await fetch(url, { headers, signal: stop.signal });
    if (!response.ok || response.body === null) throw new Error(`the stream answered ${response.status}`);
    let rest = '';
    const decoder = new TextDecoder();
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
      const blocks = (rest + decoder.decode(part, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = parse(block);
        if (event === null) continue;
        events.push(event);
        lastId = event.id ?? lastId;
        if (!until(event)) continue;
        return { events, lastId, ended: false };
      }
    }
    return { events, lastId, ended: true };
  } finally {
    clearTimeout(timer);
  }
}

function parse(block: string): SeenEvent | null {
  const fields = new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
  );
  const type = fields.get('event');
  if (type === undefined) return null;
  return { id: fields.get('id') ?? null, type, data: JSON.parse(fields.get('data') ?? 'null') };
}
