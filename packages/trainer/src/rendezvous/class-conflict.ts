import type { NumericClass, RendezvousValue } from '@lockstep/contracts';

/** The names and values of the parts in which two numeric classes differ, as a sentence; null where they are one class. */
export function classDifference(ours: NumericClass, theirs: NumericClass): string | null {
  if (ours.id === theirs.id) return null;
  const names = [...new Set([...Object.keys(ours.parts), ...Object.keys(theirs.parts)])].sort();
  const differing = names.filter((name) => ours.parts[name] !== theirs.parts[name]);
  if (differing.length === 0) return `class ${ours.id.slice(0, 12)} against ${theirs.id.slice(0, 12)}`;
  return differing
    .map((name) => `${name} "${ours.parts[name] ?? 'none'}" against "${theirs.parts[name] ?? 'none'}"`)
    .join(', ');
}

/** Looks for a rank whose CPU computes other bits than rank 0's. The sentence names the rank and what differs. */
export function classConflict(values: readonly RendezvousValue[]): string | null {
  const [first] = values;
  if (!first) return null;
  for (const value of values) {
    const difference = classDifference(first.numericClass, value.numericClass);
    if (difference !== null) {
      return (
        `Rank ${value.rank} computes in another numeric class than rank 0: ${difference}. ` +
        'The ranks of a run must give the same bits. Use machines and builds of one class.'
      );
    }
  }
  return null;
}
