import { describe, expect, it } from 'vitest';
import { withParams } from '../../ui/with-params.js';
import { readSettings, settingsParams } from './settings-address.js';

const none = { isLog: false, smoothing: 0, zoom: null };
const written = (text: string, settings: Parameters<typeof settingsParams>[0]) =>
  withParams(new URLSearchParams(text), settingsParams(settings));
const read = (text: string) => readSettings(new URLSearchParams(text));

describe('settings of charts in the address', () => {
  it('come back as they were written, beside what else stands there', () => {
    const settings = { isLog: true, smoothing: 0.65, zoom: [12.5, 300] as const };
    const params = written('runs=a,b', settings);
    expect(String(params)).toBe('runs=a%2Cb&log=1&smooth=0.65&x=12.5..300');
    expect(readSettings(params)).toEqual(settings);
    expect(String(written(String(params), none))).toBe('runs=a%2Cb');
  });

  it('keep a view of a million steps apart', () => {
    const zoom = [5_999_998.25, 5_999_999.5] as const;
    expect(readSettings(written('', { ...none, zoom })).zoom).toEqual(zoom);
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
