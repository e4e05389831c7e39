import { exitCodes } from '@lockstep/contracts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ctrl-C and its relatives. Before training has begun the first ends the command; then the first asks for a stop and
 * each further one for a stop now.
 */
export class StopSignals {
  private readonly handler = (): void => this.received();
  private received: () => void = () => process.exit(exitCodes.cancelled);

  constructor() {
    for (const signal of signals) process.on(signal, this.handler);
  }

  listen(stop: () => void, stopNow: () => void): void {
    this.received = () => {
      this.received = stopNow;
      stop();
    };
  }

  release(): void {
    for (const signal of signals) process.off(signal, this.handler);
  }
}
