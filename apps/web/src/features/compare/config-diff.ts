/** A field of specs, with its value in each run. */
export interface DiffRow {
  readonly path: string;
  readonly values: readonly string[];
  readonly isSame: boolean;
}

/** Fields of several specs: those that differ first, then the others, each in the order of the specs. */
export function configDiff(specs: readonly unknown[]): DiffRow[] {
  const flat = specs.map((spec) => new Map(flatten(spec, '')));
  const paths = [...new Set(flat.flatMap((fields) => [...fields.keys()]))];
  const rows = paths.map((path) => {
    const values = flat.map((fields) => fields.get(path) ?? '–');
    return { path, values, isSame: values.every((value) => value === values[0]) };
  });
  return [...rows.filter(({ isSame }) => !isSame), ...rows.filter(({ isSame }) => isSame)];
}

function flatten(value: unknown, path: string): [string, string][] {
  if (Array.isArray(value)) {
    if (value.every((each) => typeof each !== 'object' || each === null)) return [[path, value.join(' × ')]];
    return value.flatMap((each, index) => flatten(each, `${path}[${index}]`));
  }
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, each]) => flatten(each, path === '' ? key : `${path}.${key}`));
}
