const longest = 40;

/** A word for addresses from a name: `"Örtliche Züge 2" -> "ortliche-zuge-2"`; empty where no letter of it can stand in one. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, longest)
    .replace(/-$/, '');
}
