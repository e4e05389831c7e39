/** A machine, or a process that stands for one, as its provider sees it. */
export interface PoolMember {
  /** What the provider calls it; a node carries it as `providerId`. */
  providerId: string;
  /** `going`: it was told to stop and is not gone yet. */
  state: 'running' | 'going';
}

export interface PoolOfProvider {
  poolId: string;
  organisationId: string;
  name: string;
  settings: unknown;
}

/**
 * Where the nodes of a pool come from: agents on this machine, or an Auto Scaling group. A provider keeps no count of its
 * own: `members` asks what there is. All of it may be repeated.
 */
export interface PoolProvider {
  members(pool: PoolOfProvider): Promise<PoolMember[]>;
  /** Begins to start `count` more. They are members at once, and nodes when their agents have registered. */
  start(pool: PoolOfProvider, count: number): Promise<void>;
  /** Begins to stop certain members; their nodes are drained. */
  stop(pool: PoolOfProvider, providerIds: readonly string[]): Promise<void>;
}
