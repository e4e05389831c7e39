import { type ErrorCode, LockstepError } from '@lockstep/contracts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const DENIED = new Set(['EACCES', 'EPERM', 'EROFS']);

/** The system's code of a failed file operation (`ENOSPC`, `Z_DATA_ERROR`), or null; our own codes are not of this form. */
export function systemCode(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return error instanceof Error && typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : null;
}

/**
 * A failed write as an expected error: `infrastructure.disk-full`, `infrastructure.disk-denied` or
 * `infrastructure.disk`. What is no failure of the system passes through. `doing` reads "while <doing>".
 */
export function diskError(error: unknown, doing: string, path: string): unknown {
  const code = systemCode(error);
  if (code === null || !/^E[A-Z0-9]*$/.test(code)) return error;
  const [kind, what]: [ErrorCode, string] = FULL.has(code)
    ? ['infrastructure.disk-full', `expected free space, but the disk (or the quota) is full; free some and try again`]
    : DENIED.has(code)
      ? [
          'infrastructure.disk-denied',
          `expected to be allowed to write, but it was refused (${code}); change its owner or mode, or choose another folder`,
        ]
      : ['infrastructure.disk', `the disk refused (${code}); check the disk and try again`];
  return new LockstepError(kind, `${path}: while ${doing}: ${what}`, { cause: error });
}
