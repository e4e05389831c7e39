/** Text that a spreadsheet would run as a formula. */
const formula = /^[=+\-@\t\r]/;

/** A line of CSV (RFC 4180). Numbers stay numbers; text never becomes a formula. */
export function csvLine(fields: readonly (string | number | null)[]): string {
  return `${fields.map(csvField).join(',')}\r\n`;
}

function csvField(field: string | number | null): string {
  if (field === null) return '';
  if (typeof field === 'number') return String(field);
  const safe = formula.test(field) && field !== '-Infinity' ? `'${field}` : field;
  return /[",\r\n]/.test(safe) || safe !== field ? `"${safe.replaceAll('"', '""')}"` : safe;
}
