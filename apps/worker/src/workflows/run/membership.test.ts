import type { RankReport } from '@lockstep/contracts/workflows';
import { describe, expect, it } from 'vitest';
import { Membership } from './membership.js';

const finished = (digest = 'a'): RankReport => ({
  status: 'finished',
  reason: 'all-epochs',
  step: 10,
  epoch: 2,
  testLoss: null,
  testAccuracy: null,
  weightsDigest: digest.repeat(64),
  stateDigest: digest.repeat(64),
});
const lost = (message: string, certain: boolean, crashed = false): RankReport => ({
  status: 'lost',
  message,
  certain,
  crashed,
});
const failed = (step: number | null, node: string, nodeOrder: number | null): RankReport => ({
  status: 'failed',
  code: 'numerics.non-finite',
  message: `${node} is not finite`,
  node,
  nodeOrder,
  step,
});

function membership(...reports: (RankReport | null)[]): Membership {
  const ranks = new Membership(reports.length);
  for (const [rank, report] of reports.entries()) if (report) ranks.report(rank, report);
  return ranks;
}

describe('a membership', () => {
  it('has come to nothing while a rank is on its way', () => {
    expect(membership({ status: 'ready' }, null).verdict()).toBeNull();
    expect(membership(finished(), { status: 'delivering', reason: 'all-epochs' }).verdict()).toBeNull();
  });

  it('has finished when all ranks have, with one digest', () => {
    expect(membership(finished(), finished()).verdict()).toMatchObject({ kind: 'finished', report: { step: 10 } });
    expect(membership(finished(), finished('b')).verdict()).toMatchObject({
      kind: 'failed',
      code: 'numerics.diverged',
      message: expect.stringMatching(/rank 0: aaaaaaaaaaaa, rank 1: bbbbbbbbbbbb/),
    });
  });

  it('believes the rank that died before the one that misses it', () => {
    const ranks = membership(lost('Rank 0 waited for a peer.', false), lost('Rank 1 was killed.', true));
    expect(ranks.verdict()).toMatchObject({ kind: 'lost', message: 'Rank 1 was killed.' });
  });

  it('lets a failure count more than the ranks that were lost by it', () => {
    expect(membership(lost('gone', true), failed(3, 'fc1', 4)).verdict()).toMatchObject({
      kind: 'failed',
      node: 'fc1',
    });
  });

  it('tells the earliest step, then the earliest node', () => {
    expect(membership(failed(4, 'a', 0), failed(3, 'b', 9), failed(3, 'c', 2)).verdict()).toMatchObject({ node: 'c' });
  });

  it('loses what is on a node that does not answer, unless the rank had finished', () => {
    const ranks = membership({ status: 'ready' }, { status: 'ready' });
    ranks.lose(1, 'The node of rank 1 does not answer.');
    expect(ranks.verdict()).toMatchObject({ kind: 'lost', unreachable: true, wasReady: true });
    expect(ranks.isSpoken).toBe(false);
    ranks.report(0, lost('Rank 0 waited for a peer.', false));
    expect(ranks.isSpoken).toBe(true);
  });

  it('knows whether all were ready, whatever came after', () => {
    const ranks = membership({ status: 'ready' }, { status: 'ready' });
    ranks.report(0, lost('gone', true));
    expect(ranks.verdict()).toMatchObject({ wasReady: true });
    expect(membership(lost('gone', true), { status: 'ready' }).verdict()).toMatchObject({ wasReady: false });
  });

  it('does not take a last word back', () => {
    const ranks = membership(finished());
    ranks.report(0, lost('late', true));
    expect(ranks.verdict()).toMatchObject({ kind: 'finished' });
  });

  it('delivers when every rank is done', () => {
    const ranks = membership({ status: 'ready' }, { status: 'ready' });
    expect(ranks.phase).toBe('ready');
    ranks.report(0, { status: 'delivering', reason: 'early-stopping' });
    expect(ranks.phase).toBe('ready');
    ranks.report(1, { status: 'delivering', reason: 'early-stopping' });
    expect([ranks.phase, ranks.deliveringReason]).toEqual(['delivering', 'early-stopping']);
  });
});
