import type { RendezvousValue } from '@lockstep/contracts';

/**
 * How the ranks of one generation find each other. On one machine the supervisor carries the values through its pipes;
 * over many machines a table does.
 */
export interface Rendezvous {
  /**
   * Gives this rank's value and resolves to every rank's value, by rank. Rejects when the generation is not formed:
   * the one who carries the values has checked that all belong to one numeric class.
   */
  exchange(value: RendezvousValue): Promise<readonly RendezvousValue[]>;
}
