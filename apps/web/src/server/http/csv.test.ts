import { expect, it } from 'vitest';
import { csvLine } from './csv.js';

it('quotes what needs quotes and nothing else', () => {
  expect(csvLine(['a', 1.5, null, 'b,c', 'say "x"', 'two\nlines'])).toBe('a,1.5,,"b,c","say ""x""","two\nlines"\r\n');
});

it('never lets text become a formula', () => {
  expect(csvLine(['=1+1', '+1', '-1', '@x', '\tx', -1, '-Infinity'])).toBe(
    `"'=1+1","'+1","'-1","'@x","'\tx",-1,-Infinity\r\n`,
  );
});
