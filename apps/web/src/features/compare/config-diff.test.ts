import { expect, it } from 'vitest';
import { configDiff } from './config-diff.js';

it('tells fields that differ first, also those that only one spec has', () => {
  const rows = configDiff([
    { training: { epochs: 3, seed: 1 }, layers: [{ op: 'relu' }], shape: [1, 28] },
    { training: { epochs: 4, seed: 1 }, layers: [{ op: 'relu' }, { op: 'tanh' }], shape: [1, 28] },
  ]);
  expect(rows).toEqual([
    { path: 'training.epochs', values: ['3', '4'], isSame: false },
    { path: 'layers[1].op', values: ['–', 'tanh'], isSame: false },
    { path: 'training.seed', values: ['1', '1'], isSame: true },
    { path: 'layers[0].op', values: ['relu', 'relu'], isSame: true },
    { path: 'shape', values: ['1 × 28', '1 × 28'], isSame: true },
  ]);
});
