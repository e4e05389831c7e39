import type { PoolChange, PoolWorkflowState, ReconcileResult } from '@lockstep/contracts/workflows';

const restMs = 60_000;
const busyMs = 1000;

/** How often a pool is looked at, and when its workflow ends. */
export class PoolMachine {
  private state: PoolWorkflowState;
  private woken = false;
  private last: ReconcileResult | null = null;

  constructor(state: PoolWorkflowState) {
    this.state = state;
  }

  get carried(): PoolWorkflowState {
    return this.state;
  }

  get poolId(): string {
    return this.state.poolId;
  }

  get desired(): number {
    return this.state.closing ? 0 : this.state.desired;
  }

  get isWoken(): boolean {
    return this.woken;
  }

  /** A pool that closes ends when the provider reports nothing more. */
  get isOver(): boolean {
    return this.state.closing && this.last?.members === 0;
  }

  /** A pool that is not what it shall be is looked at soon again, one that is only now and then. */
  get pauseMs(): number {
    const { last } = this;
    const isSettled = last !== null && last.members === this.desired && last.draining === 0 && last.started === 0;
    return isSettled ? restMs : busyMs;
  }

  resize({ desired, closing = false }: PoolChange): void {
    this.state = { ...this.state, desired, closing: this.state.closing || closing };
    this.woken = true;
  }

  wake(): void {
    this.woken = true;
  }

  /** A look begins; what is said from now on asks for another one. */
  looked(): void {
    this.woken = false;
  }

  found(result: ReconcileResult): void {
    this.last = result;
  }
}
