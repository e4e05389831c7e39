import { LockstepError } from '@lockstep/contracts';

/** One page of rows; `nextCursor` is null on the last one. */
export interface Page<Row> {
  readonly items: readonly Row[];
  readonly nextCursor: string | null;
}

export interface PageInput {
  readonly cursor?: string;
  readonly limit?: number;
}

const defaultLimit = 50;
const largestLimit = 200;

export function pageSize(limit: number | undefined, largest = largestLimit): number {
  return Math.max(1, Math.min(largest, limit ?? defaultLimit));
}

/** The page of rows that were read one beyond it. @param keyOf what the next page starts after */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  size: number,
  keyOf: (row: Row) => string,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  return {
    items: shown.map(toItem),
    nextCursor: rows.length > size && last !== undefined ? keyOf(last) : null,
  };
}

/** @throws LockstepError `bad-input.field` for cursors that no page gave out */
export function requireCursor(cursor: string | undefined, pattern: RegExp): string | undefined {
  if (cursor === undefined || pattern.test(cursor)) return cursor;
  throw new LockstepError('bad-input.field', 'cursor: expected nextCursor of the page before, got something else.');
}
