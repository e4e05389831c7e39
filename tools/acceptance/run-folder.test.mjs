import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkpointsOf, copyCutAfter, metricsOf } from './run-folder.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-run-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a run folder', () => {
  it('is cut after a checkpoint: later steps, generations and sequences are gone', () => {
    const run = join(folder, 'run');
    for (const name of [
      'step-000000004-g1-s0',
      'step-000000004-g1-s1',
      'step-000000004-g2-s0',
      'step-000000010-g1-s2',
    ]) {
      mkdirSync(join(run, 'checkpoints', name), { recursive: true });
    }
    const [first, second] = checkpointsOf(run);
    const names = (checkpoint, copy) =>
      checkpointsOf(copyCutAfter(run, checkpoint, join(folder, copy))).map(({ name }) => name);
    expect(names(first, 'a')).toEqual(['step-000000004-g1-s0']);
    expect(names(second, 'b')).toEqual(['step-000000004-g1-s0', 'step-000000004-g1-s1']);
    expect(checkpointsOf(run)).toHaveLength(4);
  });

  it('has no metrics before they are written, and no row before its line is complete', () => {
    expect(metricsOf(folder)).toEqual([]);
    writeFileSync(join(folder, 'metrics.jsonl'), '{"kind":"train","step":1}\n{"kind":"tr');
    expect(metricsOf(folder)).toEqual([{ kind: 'train', step: 1 }]);
  });
});
