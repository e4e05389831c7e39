import { expect, it } from 'vitest';
import { inferLayer } from '../infer-layer.js';

it.each([
  [[12, 4, 4], [192]],
  [[7], [7]],
  [[2, 1, 3, 1], [6]],
])('flatten: %j -> %j', (input, output) => {
  expect(inferLayer({ op: 'flatten' }, input).shape).toEqual(output);
});
