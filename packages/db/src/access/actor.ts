/** Who does something. */
export type Actor =
  | { readonly kind: 'user'; readonly userId: string }
  | { readonly kind: 'token'; readonly tokenId: string }
  | { readonly kind: 'node'; readonly nodeId: string }
  /** A part of the product, by name. */
  | { readonly kind: 'system'; readonly name: string };

/** What every verb and read gets beside its input. */
export interface Context {
  readonly actor: Actor;
  /** Of the request that it belongs to. */
  readonly requestId: string | null;
  /** Network address that it came from. */
  readonly address: string | null;
}

/** The actor's id within its kind. */
export function actorId(actor: Actor): string {
  switch (actor.kind) {
    case 'user':
      return actor.userId;
    case 'token':
      return actor.tokenId;
    case 'node':
      return actor.nodeId;
    case 'system':
      return actor.name;
  }
}
