import type { AgreementResponse } from '@lockstep/contracts';

/** State digests by rank. */
export type Digests = Record<string, string>;

/** What the digests of a checkpoint say so far. Two that differ are a verdict before all are there. */
export function agreementOf(digests: Digests, worldSize: number): AgreementResponse {
  const rows = Object.entries(digests)
    .map(([rank, digest]) => ({ rank: Number(rank), digest: digest.slice(0, 64) }))
    .sort((a, b) => a.rank - b.rank);
  const distinct = new Set(Object.values(digests));
  if (distinct.size > 1) return { verdict: 'diverged', digests: rows };
  return { verdict: rows.length === worldSize ? 'agreed' : 'waiting', digests: rows };
}
