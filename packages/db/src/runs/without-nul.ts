/** Postgres stores no NUL and no half of a surrogate pair; JSON writes both as escapes, which it refuses too. */
export function withoutNul(json: string): string {
  return json.replace(/(\\*)\\u(0000|d[89ab][0-9a-f]{2}|d[c-f][0-9a-f]{2})/gi, (whole, slashes: string) =>
    slashes.length % 2 === 0 ? `${slashes}\\ufffd` : whole,
  );
}
