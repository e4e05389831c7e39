import { slugSchema } from '@lockstep/contracts';
import { expect, it } from 'vitest';
import { slugOf } from './slug-of.js';

it.each([
  ['Digits', 'digits'],
  ['Örtliche Züge 2', 'ortliche-zuge-2'],
  ['  --A & B-- ', 'a-b'],
  ['x'.repeat(99), 'x'.repeat(40)],
  [`${'x'.repeat(39)} y`, 'x'.repeat(39)],
  ['ﬁsh', 'fish'],
])('%s becomes %s', (name, slug) => {
  expect(slugOf(name)).toBe(slug);
  expect(slugSchema.safeParse(slug).success).toBe(true);
});

it('leaves the word to people where no letter of the name can stand in one', () => {
  expect(slugOf('数字')).toBe('');
  expect(slugOf('')).toBe('');
});
