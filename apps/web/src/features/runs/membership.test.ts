import { describe, expect, it } from 'vitest';
import { membership } from './membership.js';

const event = (kind: string, data: Record<string, unknown>) => ({ cursor: 0, time: '', kind, data });

describe('membership', () => {
  it('shows who trained which steps that count, and where they went on after a loss', () => {
    const events = [
      event('generation', { generation: 1, originStep: 0, nodeIds: ['a', 'b'] }),
      event('checkpoint', { step: 100, best: false }),
      event('generation-ended', { generation: 1, outcome: 'lost', message: 'rank 1 is gone.' }),
      event('generation', { generation: 2, originStep: 100, nodeIds: ['a'] }),
      event('checkpoint', { step: 200, best: true }),
      event('generation-ended', { generation: 2, outcome: 'finished', message: null }),
    ];
    expect(membership(events, 250)).toEqual({
      spans: [
        { generation: 1, workers: 2, from: 0, to: 100 },
        { generation: 2, workers: 1, from: 100, to: 250 },
      ],
      marks: [
        { kind: 'checkpoint', step: 100, text: 'Checkpoint at step 100' },
        { kind: 'loss', step: 100, text: 'Generation 1 was lost: rank 1 is gone. Went on from step 100.' },
        { kind: 'best', step: 200, text: 'Checkpoint at step 200, the best so far' },
      ],
    });
  });

  it('shows the end of a run that failed where it ended', () => {
    const events = [
      event('generation', { generation: 1, originStep: 0, nodeIds: ['a'] }),
      event('generation-ended', { generation: 1, outcome: 'failed', message: null }),
    ];
    expect(membership(events, 40).marks).toEqual([
      { kind: 'loss', step: 40, text: 'Generation 1 was ended by a failure.' },
    ]);
  });
});
