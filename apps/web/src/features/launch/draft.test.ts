import { type Dataset, fillRunSpec, type RunSpec } from '@lockstep/contracts';
import { expect, it } from 'vitest';
import { checkDraft, draftOfRun, emptyDraft, specOf } from './draft.js';

const mnist: Dataset = {
  id: 'ds_01a212cd-9f7d-7000-9ead-f835c85d6a40',
  name: 'mnist',
  kind: 'sample',
  version: 'a'.repeat(64),
  trainSamples: 60_000,
  validationSamples: 10_000,
  sampleShape: [1, 28, 28],
  classes: 10,
  dtype: 'uint8',
  createdAt: '2026-01-01T00:00:00.000Z',
};

const pathsOf = (draft: typeof emptyDraft, datasets = [mnist]) => {
  const checked = checkDraft(draft, datasets);
  return checked.ok ? [] : checked.problems.map(({ path }) => path);
};

it('resolves as it comes, with a preset and with layers', () => {
  expect(pathsOf(emptyDraft)).toEqual([]);
  expect(pathsOf({ ...emptyDraft, source: 'layers' })).toEqual([]);
});

it('names the field of every problem', () => {
  expect(pathsOf({ ...emptyDraft, epochs: '0' })).toEqual(['training.epochs']);
  expect(pathsOf({ ...emptyDraft, learningRate: 'fast' })).toEqual(['training.optimizer.learningRate']);
  expect(pathsOf(emptyDraft, [])).toEqual(['dataset']);
});

it('comes back from the run that it launched', () => {
  const draft = { ...emptyDraft, name: 'a', optimizer: 'adam' as const, momentum: '0', lanes: '16' };
  const run = { name: 'a', tags: [], workers: 1, threads: 1, requestedSpec: specOf(draft) };
  expect(draftOfRun(run)).toEqual(draft);
});

it('asks for the same where the run left fields out', () => {
  const requestedSpec = { dataset: 'mnist', model: { preset: 'lenet5' }, training: { optimizer: { kind: 'sgd' } } };
  const draft = draftOfRun({ name: 'a', tags: [], workers: 1, threads: 1, requestedSpec });
  expect(draft.source).toBe('preset');
  expect(fillRunSpec(specOf(draft))).toEqual(fillRunSpec(requestedSpec as RunSpec));
});

it('keeps what the form does not know as text', () => {
  const requestedSpec = { ...specOf(emptyDraft), isa: 'avx2' };
  const draft = draftOfRun({ name: 'a', tags: [], workers: 1, threads: 1, requestedSpec });
  expect(draft.source).toBe('yaml');
  expect(draft.yaml).toContain('isa: avx2');
});
