import { expect, it } from 'vitest';
import { ownPath } from './own-path.js';

it('keeps paths of this server', () => {
  for (const path of [
    '/acme/tokens?page=2',
    '/a/b/compare?runs=run_1%2Crun_2,run_3&x=1..2',
    '/a/b/runs?q=a+b%20c',
    '/?x',
  ])
    expect(ownPath(path)).toBe(path);
});

it.each([
  undefined,
  '',
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/%2f/evil',
  ['/a'],
  '/a b',
  '/\t/evil.example',
  '/a?b\\c',
  'javascript:alert(1)',
])('goes to the first page instead of %j', (next) => {
  expect(ownPath(next)).toBe('/');
});
