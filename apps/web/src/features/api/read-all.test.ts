import { expect, it } from 'vitest';
import { readAll } from './read-all.js';

const listOf = (count: number) => {
  const asked: (string | undefined)[] = [];
  return {
    asked,
    read: async ({ limit, cursor }: { limit: number; cursor?: string }) => {
      asked.push(cursor);
      const from = Number(cursor ?? 0);
      const items = Array.from({ length: Math.min(limit, count - from) }, (_, index) => from + index);
      const next = from + items.length;
      return { items, nextCursor: next < count ? String(next) : null };
    },
  };
};

it.each([0, 1, 200, 201, 1000])('reads all of %d rows', async (count) => {
  const list = listOf(count);
  expect(await readAll(list.read)).toEqual(Array.from({ length: count }, (_, index) => index));
  expect(list.asked).toHaveLength(Math.max(1, Math.ceil(count / 200)));
});

it('ends where nobody would look further', async () => {
  expect(await readAll(listOf(1_000_000).read)).toHaveLength(5000);
});
