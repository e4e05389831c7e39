import { expect, it } from 'vitest';
import { ownPath } from './own-path.js';

it('keeps paths of this server', () => {
  expect(ownPath('/acme/tokens?page=2')).toBe('/acme/tokens?page=2');
});

it.each([
  undefined,
  '',
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/%2f/evil',
  ['/a'],
  'javascript:alert(1)',
])('goes to the first page instead of %j', (next) => {
  expect(ownPath(next)).toBe('/');
});
