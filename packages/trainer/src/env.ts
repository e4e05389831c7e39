/** The one file of the trainer that reads the environment. */

/** What a rank process inherits. Everything else stays out: variables that libraries read could change its numbers. */
const inherited = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'LD_LIBRARY_PATH',
  'LOCKSTEP_DEBUG',
  'LOCKSTEP_TEST_NUMERIC_CLASS',
] as const;

/** The environment of a rank process, allow-listed, plus `extra` (tests hand knobs to their doubles this way). */
export function rankEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, ...extra };
}

/**
 * Test only: `LOCKSTEP_TEST_NUMERIC_CLASS="1=other"` makes rank 1 say that its numeric class has the part `test: other`.
 * Null for every other rank and when it is not set.
 */
export function fakedNumericClass(rank: number): string | null {
  for (const entry of (process.env.LOCKSTEP_TEST_NUMERIC_CLASS ?? '').split(',')) {
    const [forRank, value] = entry.split('=');
    if (value !== undefined && Number(forRank) === rank) return value;
  }
  return null;
}

/** `LOCKSTEP_RANK_HOST`: the address that peers on other machines reach this rank at. Alone on its machine it needs none. */
export function rankHost(): string {
  const host = process.env.LOCKSTEP_RANK_HOST;
  return host === undefined || host === '' ? '127.0.0.1' : host;
}
