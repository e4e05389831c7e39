import type { NodeRouteName, nodeRoutes } from '@lockstep/contracts';
import type { AuthenticatedNode, Context } from '@lockstep/db';
import type { z } from 'zod';
import type { Container } from '../container.js';
import type { InputOf } from '../http/parse-input.js';

/** A request whose node credential is valid. */
export interface NodeCall {
  readonly container: Container;
  readonly context: Context;
  readonly caller: AuthenticatedNode;
  readonly request: Request;
  readonly requestId: string;
}

type Route<N extends NodeRouteName> = (typeof nodeRoutes)[N];
type BodyOf<R> = R extends { response: infer S extends z.ZodType }
  ? z.output<S>
  : R extends { response: null }
    ? undefined
    : Response;

export type NodeHandler<N extends NodeRouteName> = (
  call: NodeCall,
  input: InputOf<Route<N>>,
) => Promise<BodyOf<Route<N>>>;
