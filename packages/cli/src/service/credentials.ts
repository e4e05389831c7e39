import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LockstepError } from '@lockstep/contracts';

/** Which service, and the token for it. */
export interface Credentials {
  readonly url: string;
  readonly token: string;
}

/** Writes them where only their owner may read them; complete or not at all. */
export async function saveCredentials(file: string, credentials: Credentials): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
}

/** Those of `lockstep login`, or of the environment, which go first. Throws `auth.unauthenticated` where there are none. */
export async function readCredentials(
  file: string,
  given: { url: string | null; token: string | null },
): Promise<Credentials> {
  const saved = await savedCredentials(file);
  // A token is for one service: another address in the environment does not get the saved one.
  const url = given.url === null ? saved?.url : serviceOrigin(given.url);
  const token = given.token ?? (url === saved?.url ? saved?.token : undefined);
  if (url !== undefined && token !== undefined) return { url, token };
  throw new LockstepError(
    'auth.unauthenticated',
    url === undefined
      ? 'Not signed in to a service. Make a token on its page "Tokens", then: lockstep login --url <address> < token'
      : `No token for ${url}. Make one on its page "Tokens", then: lockstep login --url ${url} < token`,
  );
}

async function savedCredentials(file: string): Promise<Credentials | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new LockstepError('bad-input.path', `${file} cannot be read. Sign in again: lockstep login`, { cause });
  }
  try {
    const { url, token } = JSON.parse(text) as Partial<Credentials>;
    if (typeof url === 'string' && typeof token === 'string') return { url, token };
  } catch {
    // Told below, without what the file holds.
  }
  throw new LockstepError('bad-input.path', `${file} is damaged. Sign in again: lockstep login`);
}

/** The origin of a service's address. Throws `bad-input.option`. */
export function serviceOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url.origin;
  throw new LockstepError('bad-input.option', `Expected the address of a service, like https://host, got "${text}".`);
}

/** True where what is sent can be read on the way: plain HTTP to another machine. */
export function isReadableOnTheWay(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
