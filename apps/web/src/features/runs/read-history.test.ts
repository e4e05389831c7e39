import { expect, it } from 'vitest';
import { readHistory } from './read-history.js';

it.each([0, 1, 1999, 2000, 2001, 5000])('reads a history of %i events whole, each once', async (count) => {
  const all = Array.from({ length: count }, (_, index) => ({
    cursor: 3 * index + 1,
    time: '',
    kind: 'epoch',
    data: {},
  }));
  const { cursor, events } = await readHistory(async ({ since, limit }) => ({
    cursor: 3 * count + 7,
    events: all.filter((event) => event.cursor > since).slice(0, limit),
  }));
  expect(events).toEqual(all);
  expect(cursor).toBe(3 * count + 7);
});
