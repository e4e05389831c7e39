/** What a request's method and path mean in a table of routes. */
export type RouteMatch<N extends string> =
  | { readonly kind: 'found'; readonly name: N; readonly params: Readonly<Record<string, string>> }
  /** The path is there, the method is not. */
  | { readonly kind: 'other-method'; readonly allow: readonly string[] }
  | { readonly kind: 'none' };

interface Template {
  readonly method: string;
  readonly path: string;
}

/** Matches `/runs/{runId}` and such. Words go before parameters, whatever the order of the table. */
export function createMatcher<N extends string>(routes: Readonly<Record<N, Template>>) {
  const compiled = (Object.entries(routes) as [N, Template][]).map(([name, { method, path }]) => ({
    name,
    method,
    parts: path.split('/').slice(1),
  }));
  return (method: string, path: readonly string[]): RouteMatch<N> => {
    const fitting = compiled.filter(({ parts }) => fits(parts, path));
    const mostWords = Math.max(...fitting.map(({ parts }) => wordsOf(parts)));
    const routesOfPath = fitting.filter(({ parts }) => wordsOf(parts) === mostWords);
    const wanted = method === 'HEAD' ? 'GET' : method;
    const route = routesOfPath.find((candidate) => candidate.method === wanted);
    if (route !== undefined) return { kind: 'found', name: route.name, params: paramsOf(route.parts, path) };
    if (routesOfPath.length === 0) return { kind: 'none' };
    return { kind: 'other-method', allow: routesOfPath.map((candidate) => candidate.method) };
  };
}

const isParam = (part: string): boolean => part.startsWith('{');
const wordsOf = (parts: readonly string[]): number => parts.filter((part) => !isParam(part)).length;

function fits(parts: readonly string[], path: readonly string[]): boolean {
  return parts.length === path.length && parts.every((part, index) => isParam(part) || part === path[index]);
}

function paramsOf(parts: readonly string[], path: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    parts.flatMap((part, index) => (isParam(part) ? [[part.slice(1, -1), path[index] ?? '']] : [])),
  );
}
