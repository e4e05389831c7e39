import { expect, it } from 'vitest';
import { formatAge, formatDuration, formatNumber, formatPercent } from './format.js';

it.each([
  [0.123456, '0.1235'],
  [12.3456, '12.35'],
  [24_690.4, '24,690'],
  [0, '0'],
  [1.5e-7, '1.500e-7'],
  [Number.NaN, 'NaN'],
  [null, '–'],
])('shows %j with four digits', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

it.each([
  [4200, '4.2s'],
  [59_900, '59s'],
  [83_000, '1m 23s'],
  [3_700_000, '1h 1m'],
  [90_000_000, '1d 1h'],
])('shows %d ms as a duration', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

it('shows shares and ages', () => {
  expect(formatPercent(0.98123)).toBe('98.12 %');
  expect(formatAge('2026-01-01T00:00:00.000Z', Date.parse('2026-01-01T02:00:00.000Z'))).toBe('2h ago');
});
