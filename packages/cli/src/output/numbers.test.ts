import { describe, expect, it } from 'vitest';
import { clock, grouped, percent, significant } from './numbers.js';

describe('numbers for people', () => {
  it('has four significant digits', () => {
    expect([0.081234, 12.3456, 0, 1234567, 1.23456e-9].map(significant)).toEqual([
      '0.08123',
      '12.35',
      '0.000',
      '1.235e+6',
      '1.235e-9',
    ]);
  });

  it('groups counts, shows shares as percent and times as clocks', () => {
    expect(grouped(1234567.4)).toBe('1,234,567');
    expect(percent(0.98761)).toBe('98.76%');
    expect([7, 754, 3723].map(clock)).toEqual(['0:07', '12:34', '1:02:03']);
  });
});
