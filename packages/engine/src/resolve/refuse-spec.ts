import { type ErrorCode, LockstepError } from '@lockstep/contracts';
import type { Refusal } from '../graph/graph-error.js';

/**
 * A refusal of a field of a run spec: `training.batchSize: expected …, got …. To fix it, ….` The problem carries the path,
 * so that whoever has the text can add the line.
 */
export function refuseSpec(code: ErrorCode, path: string, { expected, got, fix }: Refusal): LockstepError {
  const message = `expected ${expected}, got ${got}. To fix it, ${fix}.`;
  return new LockstepError(code, `${path}: ${message}`, { problems: [{ path, message, line: null, column: null }] });
}
