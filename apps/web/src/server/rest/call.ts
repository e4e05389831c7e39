import type { RestRouteName, restRoutes } from '@lockstep/contracts';
import type { AuthenticatedToken, Context } from '@lockstep/db';
import type { z } from 'zod';
import type { Container } from '../container.js';
import type { InputOf } from '../http/parse-input.js';

/** A request whose token is valid. */
export interface RestCall {
  readonly container: Container;
  /** For verbs and reads. */
  readonly context: Context;
  readonly caller: AuthenticatedToken;
  readonly request: Request;
  readonly requestId: string;
}

type Route<N extends RestRouteName> = (typeof restRoutes)[N];
type BodyOf<R> = R extends { response: infer S extends z.ZodType }
  ? z.output<S>
  : R extends { response: null }
    ? undefined
    : Response;

/** Maps a request to a verb or read, and its result to the answer's body. */
export type RestHandler<N extends RestRouteName> = (
  call: RestCall,
  input: InputOf<Route<N>>,
) => Promise<BodyOf<Route<N>>>;
