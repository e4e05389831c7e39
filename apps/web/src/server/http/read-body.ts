import { LockstepError } from '@lockstep/contracts';

/** Bytes of a JSON body; a spec as text may need twice its own size. */
export const jsonBodyBytes = 3 * 1024 * 1024;
/** Bytes of a batch of metrics and logs. */
export const batchBodyBytes = 16 * 1024 * 1024;
/** Levels of lists and maps in a JSON body. */
const jsonDepth = 64;

/** The bytes of a body, counted while they come; nothing more is read once there are too many. */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const declared = request.headers.get('content-length');
  if (declared !== null && Number(declared) > maxBytes) throw tooLarge(maxBytes);
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.byteLength;
    if (bytes > maxBytes) {
      reader.cancel().catch(() => undefined);
      throw tooLarge(maxBytes);
    }
    parts.push(part.value);
  }
  return Buffer.concat(parts);
}

/** A JSON body of bounded size and depth. @throws LockstepError `bad-input.*` */
export async function readJson(request: Request, maxBytes = jsonBodyBytes): Promise<unknown> {
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new LockstepError(
      'bad-input.content-type',
      `Expected a body of type application/json, got ${type ? `"${type.slice(0, 80)}"` : 'none'}. Set the header Content-Type.`,
    );
  }
  return parseJson(await readBytes(request, maxBytes));
}

export function parseJson(bytes: Uint8Array): unknown {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new LockstepError(
      'bad-input.syntax',
      'Expected the body to be JSON in UTF-8, got text that does not parse. NaN and Infinity are no JSON numbers.',
      { cause },
    );
  }
  requireDepth(value);
  return value;
}

/** Without recursion: what it guards against is a body that overflows the stack of what follows. */
function requireDepth(value: unknown): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > jsonDepth) {
      throw new LockstepError(
        'bad-input.too-large',
        `Expected at most ${jsonDepth} levels of lists and maps in a body.`,
      );
    }
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? Object.values(item).filter((inner) => typeof inner === 'object') : [],
    );
  }
}

function tooLarge(maxBytes: number): LockstepError {
  return new LockstepError(
    'bad-input.too-large',
    `Expected a body of at most ${maxBytes} bytes, got more. Nothing of it was used.`,
  );
}
