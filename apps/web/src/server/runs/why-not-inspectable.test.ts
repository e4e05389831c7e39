import { presetGraph } from '@lockstep/engine/graph';
import { describe, expect, it } from 'vitest';
import { whyNotInspectable } from './why-not-inspectable.js';

const files = (bytes: number) => [{ files: [{ name: 'model.safetensors', bytes, sha256: '0'.repeat(64) }] }];
const runOf = (
  preset: 'lenet5' | 'resnet20' | 'mlp',
  shape: number[],
  state: 'completed' | 'training' = 'completed',
) => ({
  state,
  resolvedSpec: { graph: presetGraph({ preset }, shape, 10) },
});

describe('whyNotInspectable', () => {
  it('lets the presets through, also after a run that was stopped', () => {
    expect(whyNotInspectable(runOf('lenet5', [1, 28, 28]), files(90_000))).toBeNull();
    expect(whyNotInspectable(runOf('resnet20', [3, 32, 32]), files(1_000_000))).toBeNull();
    expect(whyNotInspectable({ ...runOf('mlp', [1, 28, 28]), state: 'cancelled' }, files(400_000))).toBeNull();
  });

  it('says what is missing, or what the limit is', () => {
    expect(whyNotInspectable(runOf('lenet5', [1, 28, 28], 'training'), files(1))).toMatch(/has not ended yet/);
    expect(whyNotInspectable(runOf('lenet5', [1, 28, 28]), [])).toMatch(/before it wrote a checkpoint/);
    expect(whyNotInspectable(runOf('mlp', [784]), files(1))).toMatch(/one picture/);
    expect(whyNotInspectable(runOf('resnet20', [3, 224, 224]), files(1))).toMatch(/limit is 1,000 million/);
    expect(whyNotInspectable(runOf('lenet5', [1, 28, 28]), files(2 ** 28))).toMatch(/limit is 128/);
  });
});
