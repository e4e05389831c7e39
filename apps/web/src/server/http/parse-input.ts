import { isLockstepError, LockstepError, parseWith } from '@lockstep/contracts';
import type { z } from 'zod';
import { readJson } from './read-body.js';

interface Described {
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
}

type Parsed<R, K extends string> = R extends Record<K, infer S extends z.ZodType> ? z.output<S> : undefined;

/** What a route's schemas make of a request. */
export interface InputOf<R> {
  readonly params: Parsed<R, 'params'>;
  readonly query: Parsed<R, 'query'>;
  readonly body: Parsed<R, 'body'>;
}

/** An id that cannot be one names nothing: whether it was mistyped or is somebody else's must not differ. */
export function parseParams<R extends Described>(
  route: R,
  params: Readonly<Record<string, string>>,
): Parsed<R, 'params'> {
  try {
    return (route.params ? parseWith(route.params, params, { source: 'path' }) : undefined) as Parsed<R, 'params'>;
  } catch (error) {
    if (!isLockstepError(error)) throw error;
    throw new LockstepError('auth.not-found', `Nothing is here. ${error.message}`, { cause: error });
  }
}

export function parseQuery<R extends Described>(route: R, url: URL): Parsed<R, 'query'> {
  const values: Record<string, string | string[]> = {};
  for (const key of new Set(url.searchParams.keys())) {
    const given = url.searchParams.getAll(key);
    values[key] = given.length === 1 ? (given[0] as string) : given;
  }
  if (route.query === undefined) {
    const [unknown] = Object.keys(values);
    if (unknown === undefined) return undefined as Parsed<R, 'query'>;
    throw new LockstepError('bad-input.unknown-field', `query: "${unknown.slice(0, 60)}" is not read here. Remove it.`);
  }
  return parseWith(route.query, values, { source: 'query' }) as Parsed<R, 'query'>;
}

export async function parseBody<R extends Described>(
  route: R,
  request: Request,
  maxBytes: number,
): Promise<Parsed<R, 'body'>> {
  if (route.body === undefined) return undefined as Parsed<R, 'body'>;
  return parseWith(route.body, await readJson(request, maxBytes), { source: 'body' }) as Parsed<R, 'body'>;
}
