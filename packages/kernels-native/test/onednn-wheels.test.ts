import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { oneDnnWheels, verifyWheel } from '../scripts/onednn.mjs';

describe('a downloaded wheel', () => {
  const bytes = new TextEncoder().encode('not really a wheel');
  const wheel = {
    name: 'onednn-cpu-gomp',
    version: '2023.2.0',
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };

  it('is taken if it is the pinned file', () => {
    expect(verifyWheel(wheel, bytes)).toBeNull();
  });

  it.each([
    ['a byte more', new Uint8Array([...bytes, 0])],
    ['a byte less', bytes.subarray(1)],
    ['a changed byte', bytes.map((byte, index) => (index === 5 ? byte ^ 1 : byte))],
    ['nothing', new Uint8Array()],
  ])('is refused with %s, and the message says what was expected, what came and what to do', (_title, other) => {
    const problem = verifyWheel(wheel, other) ?? '';
    expect(problem).toContain('onednn-cpu-gomp 2023.2.0');
    expect(problem).toContain(`expected SHA-256 ${wheel.sha256}`);
    expect(problem).toContain(`got ${createHash('sha256').update(other).digest('hex')}`);
    expect(problem).toContain('Nothing was installed');
    expect(problem).toContain('pip config list');
  });

  it('is pinned to one version, each by a hash of its own', () => {
    expect(oneDnnWheels.map(({ name }) => name)).toEqual(['onednn-cpu-gomp', 'onednn-devel-cpu-gomp']);
    expect(new Set(oneDnnWheels.map(({ version }) => version)).size).toBe(1);
    for (const { sha256 } of oneDnnWheels) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(oneDnnWheels.map(({ sha256 }) => sha256)).size).toBe(2);
  });
});
