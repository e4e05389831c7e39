import type { NodeRouteName, nodeRoutes } from '@lockstep/contracts';
import type { AuthenticatedNode, Context } from '@lockstep/db';
import type { Container } from '../container.js';
import type { BodyOf } from '../http/body-of.js';
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

export type NodeHandler<N extends NodeRouteName> = (
  call: NodeCall,
  input: InputOf<Route<N>>,
) => Promise<BodyOf<Route<N>>>;
