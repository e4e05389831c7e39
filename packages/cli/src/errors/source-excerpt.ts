/**
 * The line of a document that an error is about, with the line before it and a mark under the column:
 *
 *       2 │ training:
 *       3 │   epochz: 3
 *         │   ^
 */
export function sourceExcerpt(text: string, line: number, column: number): string {
  const lines = text.split(/\r?\n/);
  const first = Math.max(1, line - 1);
  const width = String(line).length + 4;
  const rows: string[] = [];
  for (let number = first; number <= line; number++) {
    const content = printable(lines[number - 1] ?? '');
    rows.push(`${String(number).padStart(width)} │ ${clip(content, column)}`);
  }
  rows.push(`${' '.repeat(width)} │ ${' '.repeat(Math.min(column, 100) - 1)}^`);
  return rows.join('\n');
}

/** Tabs become one space so that the mark stands right; control characters must not reach a terminal. */
function printable(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}

function clip(text: string, column: number): string {
  const start = Math.max(0, column - 100);
  return text.slice(start, start + 120);
}
