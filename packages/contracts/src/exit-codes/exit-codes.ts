import { errorFamily } from '../errors/codes.js';

/** Exit codes of the `lockstep` command. */
export const exitCodes = {
  ok: 0,
  /** The command, the spec or the data it names is wrong; trying again without a change is useless. */
  badInput: 2,
  /** The run failed by itself: the loss is not finite, ranks differ, no CPU of the run's numeric class. */
  failed: 3,
  /** A process, disk or network failed; trying again may help. */
  infrastructure: 4,
  /** A defect of Lockstep. */
  internal: 5,
  /** Not signed in, or not allowed. */
  unauthorised: 6,
  /** Stopped by the user (128 + SIGINT). */
  cancelled: 130,
} as const;

/**
 * Exit codes of a rank process, told apart from the ones above so that a supervisor can tell a rank's end from a crash of
 * Node itself (1, or 128 + signal). The frame sent before the end says more; the code is what is left when no frame came.
 */
export const rankExitCodes = {
  finished: 0,
  badStart: 70,
  peerLost: 71,
  nonFinite: 72,
  classRefused: 73,
  pipeClosed: 74,
  diverged: 75,
  dataFailed: 76,
  diskFailed: 77,
  stopped: 78,
  internal: 79,
} as const;

/** The command's exit code for an error code. */
export function exitCodeOf(code: string): number {
  if (code === 'data.unreachable') return exitCodes.infrastructure;
  switch (errorFamily(code)) {
    case 'bad-input':
    case 'data':
      return exitCodes.badInput;
    case 'auth':
      return code === 'auth.rate-limited' ? exitCodes.infrastructure : exitCodes.unauthorised;
    case 'numerics':
      return exitCodes.failed;
    case 'infrastructure':
      return exitCodes.infrastructure;
    case 'cancelled':
      return exitCodes.cancelled;
    case 'internal':
      return exitCodes.internal;
  }
}
