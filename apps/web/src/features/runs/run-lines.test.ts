import type { LogLine } from '@lockstep/contracts';
import { expect, it } from 'vitest';
import { withLines } from './run-lines.js';

const line = (cursor: string): LogLine => ({
  cursor,
  time: '2026-11-25T08:00:00.000Z',
  source: 'rank-0',
  generation: 1,
  level: 'info',
  text: `line ${cursor}`,
});
const cursorsOf = (lines: readonly LogLine[]): string[] => lines.map(({ cursor }) => cursor);

it('joins what comes later to the newest lines without gap or double, and counts it', () => {
  const tail = { lines: ['8.3', '9.0', '10.0', '10.1'].map(line), total: 30 };
  const joined = withLines(tail, ['9.0', '10.0', '10.1', '10.2', '11.0'].map(line));
  expect(cursorsOf(joined.lines)).toEqual(['8.3', '9.0', '10.0', '10.1', '10.2', '11.0']);
  expect(joined.total).toBe(32);
});

it('takes every line where there was none before', () => {
  expect(withLines({ lines: [], total: 0 }, [line('4.0'), line('4.1')])).toEqual({
    lines: [line('4.0'), line('4.1')],
    total: 2,
  });
});

it('stays the same where nothing is new', () => {
  const before = { lines: [line('4.0')], total: 7 };
  expect(withLines(before, [line('4.0')])).toBe(before);
});

it('keeps the newest lines of a run that goes on writing, and the count of all', () => {
  const many = Array.from({ length: 25_000 }, (_, index) => line(`${index + 1}.0`));
  const { lines, total } = withLines({ lines: many.slice(0, 2000), total: 9000 }, many.slice(2000));
  expect(lines).toHaveLength(20_000);
  expect(lines.at(-1)?.cursor).toBe('25000.0');
  expect(total).toBe(32_000);
});
