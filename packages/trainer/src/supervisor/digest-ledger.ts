/**
 * Compares what the ranks say they hold. One entry a checkpoint; it is complete when every rank has spoken.
 */
export class DigestLedger {
  private readonly entries = new Map<number, (string | null)[]>();

  constructor(private readonly worldSize: number) {}

  /** Takes in one rank's digest. Says `waiting` until all ranks have spoken. */
  record(sequence: number, rank: number, digest: string): 'waiting' | 'agreed' | { differing: readonly string[] } {
    const entry = this.entries.get(sequence) ?? new Array<string | null>(this.worldSize).fill(null);
    this.entries.set(sequence, entry);
    entry[rank] = digest;
    const given = entry.filter((value) => value !== null);
    if (given.length < this.worldSize) return 'waiting';
    this.entries.delete(sequence);
    return given.every((value) => value === given[0]) ? 'agreed' : { differing: given };
  }
}

/** Which ranks hold what, in a sentence: `rank 0: 1a2b3c4d5e6f, rank 1: …`. */
export function describeDigests(digests: readonly string[]): string {
  return digests.map((digest, rank) => `rank ${rank}: ${digest.slice(0, 12)}`).join(', ');
}
