import { describe, expect, it } from 'vitest';
import { readSettings, withSettings } from './settings-address.js';

const none = { isLog: false, smoothing: 0, zoom: null };
const read = (text: string) => readSettings(new URLSearchParams(text));

describe('settings of charts in the address', () => {
  it('come back as they were written, beside what else stands there', () => {
    const settings = { isLog: true, smoothing: 0.65, zoom: [12.5, 300] as const };
    const written = withSettings(new URLSearchParams('runs=a,b'), settings);
    expect(String(written)).toBe('runs=a%2Cb&log=1&smooth=0.65&x=12.5..300');
    expect(readSettings(written)).toEqual(settings);
    expect(String(withSettings(written, none))).toBe('runs=a%2Cb');
  });

  it('keep a view of a million steps apart', () => {
    expect(
      read(String(withSettings(new URLSearchParams(), { ...none, zoom: [5_999_998.25, 5_999_999.5] }))).zoom,
    ).toEqual([5_999_998.25, 5_999_999.5]);
  });

  it.each([
    '',
    'log=yes',
    'smooth=much',
    'smooth=-1',
    'x=',
    'x=1',
    'x=5..5',
    'x=9..3',
    'x=1..2..3',
    'x=..4',
    'x=1..Infinity',
  ])('are the usual ones for "%s"', (text) => expect(read(text)).toEqual(none));

  it('smooth no more than can be drawn', () => expect(read('smooth=7').smoothing).toBe(0.99));
});
