/** Where to go after signing in: a path of this server, or its first page. Nothing that a browser reads as another site. */
export function ownPath(next: string | string[] | undefined): string {
  if (typeof next !== 'string' || !/^\/([A-Za-z0-9_][A-Za-z0-9_/.-]*)?(\?[^\s\\#]*)?$/.test(next)) return '/';
  return next;
}
