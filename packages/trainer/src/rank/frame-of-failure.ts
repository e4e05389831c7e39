import { type FromRankFrame, isLockstepError, rankExitCodes } from '@lockstep/contracts';
import { NonFiniteError } from './non-finite-error.js';

type ExitCode = (typeof rankExitCodes)[keyof typeof rankExitCodes];

const exitCodeByCode: Readonly<Record<string, ExitCode>> = {
  'infrastructure.peer-lost': rankExitCodes.peerLost,
  'infrastructure.disk-full': rankExitCodes.diskFailed,
  'infrastructure.disk': rankExitCodes.diskFailed,
  'infrastructure.disk-denied': rankExitCodes.diskFailed,
  'numerics.non-finite': rankExitCodes.nonFinite,
  'numerics.diverged': rankExitCodes.diverged,
  'numerics.class-refused': rankExitCodes.classRefused,
};

/** The last frame of a rank that ends on an error, and its exit code. A lost peer is not this rank's failure. */
export function frameOfFailure(error: unknown, generation: number): { frame: FromRankFrame; exitCode: ExitCode } {
  if (!isLockstepError(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return { frame: { type: 'failed', generation, code: 'internal.rank', message }, exitCode: rankExitCodes.internal };
  }
  const { code, message, node, step } = error;
  const exitCode =
    exitCodeByCode[code] ??
    (code.startsWith('data.')
      ? rankExitCodes.dataFailed
      : code.startsWith('internal.')
        ? rankExitCodes.internal
        : rankExitCodes.badStart);
  if (code === 'infrastructure.peer-lost') return { frame: { type: 'lost', generation, message }, exitCode };
  return {
    frame: {
      type: 'failed',
      generation,
      code,
      message,
      ...(node === undefined ? {} : { node }),
      ...(step === undefined ? {} : { step }),
      ...(error instanceof NonFiniteError ? { nodeOrder: error.order } : {}),
    },
    exitCode,
  };
}
