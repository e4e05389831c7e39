import { LockstepError, type RendezvousValue } from '@lockstep/contracts';
import type { Rendezvous } from './rendezvous.js';

/** Rendezvous through the pipe to the supervisor, which waits for every rank before it answers. */
export class PipeRendezvous implements Rendezvous {
  private settle: ((values: readonly RendezvousValue[]) => void) | null = null;

  constructor(
    private readonly nonce: string,
    private readonly worldSize: number,
    private readonly give: (value: RendezvousValue) => void,
  ) {}

  exchange(value: RendezvousValue): Promise<readonly RendezvousValue[]> {
    return new Promise((resolve, reject) => {
      this.settle = (values) => {
        if (this.isComplete(values)) resolve(values);
        else {
          reject(
            new LockstepError(
              'internal.rendezvous',
              `Expected the addresses of ${this.worldSize} ranks of this generation, got ${values.length} values that are not.`,
            ),
          );
        }
      };
      this.give(value);
    });
  }

  /** Takes in the supervisor's answer. */
  received(values: readonly RendezvousValue[]): void {
    this.settle?.(values);
  }

  private isComplete(values: readonly RendezvousValue[]): boolean {
    return (
      values.length === this.worldSize &&
      values.every((value, rank) => value.rank === rank && value.nonce === this.nonce)
    );
  }
}
