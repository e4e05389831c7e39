/**
 * What the live stream of a browser sends: signals only. What they are about is read by cursor afterwards, so that a
 * signal that is lost, late or doubled changes nothing but the time.
 */
export type LiveEvent =
  /** First of all: whose stream it is, and the organisations that it tells of. */
  | { readonly type: 'hello'; readonly user: string; readonly organisations: readonly string[] }
  /** A run has news up to a cursor. Lists that show it have too. */
  | { readonly type: 'run'; readonly organisation: string; readonly runId: string; readonly cursor: number }
  /** Nodes live, came or went, or have other places taken. */
  | { readonly type: 'nodes'; readonly organisation: string }
  /** Signals may have been lost: everything may have changed. */
  | { readonly type: 'everything' }
  /** The last one: the session has ended, or its owner may see less than before. */
  | { readonly type: 'signed-out'; readonly reason: 'session' | 'membership' }
  /** The last one: the same browser opened another stream. */
  | { readonly type: 'replaced' };
