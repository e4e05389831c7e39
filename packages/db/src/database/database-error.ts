import { isLockstepError, LockstepError } from '@lockstep/contracts';

interface Shape {
  code?: unknown;
  message?: unknown;
  cause?: unknown;
  meta?: { driverAdapterError?: { cause?: { originalCode?: unknown; kind?: unknown } } };
}

/** SQLSTATE or system code of an error of pg or of Prisma over pg; empty if it has none. */
export function sqlCode(error: unknown): string {
  const shape = (error ?? {}) as Shape;
  const inner = shape.meta?.driverAdapterError?.cause;
  const original = inner?.originalCode ?? (shape.cause as Shape | undefined)?.code ?? shape.code;
  if (typeof original !== 'string') return '';
  if (original === 'P2002') return '23505';
  if (original === 'P2034') return '40001';
  return original;
}

export function isUniqueViolation(error: unknown): boolean {
  return sqlCode(error) === '23505';
}

/** Two transactions stood in each other's way; the same one may succeed next time. */
export function isWorthRetrying(error: unknown): boolean {
  return ['40001', '40P01'].includes(sqlCode(error));
}

/** Not reachable, shutting down, out of connections: the database's state, not the query's fault. */
export function isUnavailable(error: unknown): boolean {
  const code = sqlCode(error);
  if (/^(08|53|57P0|P1001|P1002|P1008|P1017|P2024|P2028|P2037)/.test(code)) return true;
  if (/^(ECONN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENOTFOUND|EAI_)/.test(code)) return true;
  const text = error instanceof Error ? error.message : '';
  return /connection terminated|timeout exceeded when trying to connect|can't reach database|server has closed the connection|connection error and is not queryable/i.test(
    text,
  );
}

/** What callers get for an error of the database. */
export function toLockstepError(error: unknown): unknown {
  if (isLockstepError(error) || !isUnavailable(error)) return error;
  return new LockstepError('infrastructure.database', 'The database cannot be reached at the moment. Try again.', {
    cause: error,
  });
}
