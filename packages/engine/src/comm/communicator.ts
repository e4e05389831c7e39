/** A group of ranks connected over Gloo. Once a call failed, the communicator is dead. */
export interface Communicator {
  /** This rank's address blob, to be given to every other rank. */
  address(): Promise<Uint8Array>;
  /** Connects to every rank; `addresses[i]` is rank i's blob. Rejects with `infrastructure.peer-lost` after the deadline. */
  connect(addresses: readonly Uint8Array[]): Promise<void>;
  /** Resolves when its connections have ended and its port is free. */
  close(): Promise<void>;
}
