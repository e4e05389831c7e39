import type { RestRouteName, restRoutes } from '@lockstep/contracts';
import type { AuthenticatedToken, Context } from '@lockstep/db';
import type { Container } from '../container.js';
import type { BodyOf } from '../http/body-of.js';
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

/** Maps a request to a verb or read, and its result to the answer's body. */
export type RestHandler<N extends RestRouteName> = (
  call: RestCall,
  input: InputOf<Route<N>>,
) => Promise<BodyOf<Route<N>>>;
