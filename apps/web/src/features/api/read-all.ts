/** Of one part, the most that is given. */
const partSize = 200;
/** Beyond so many a page is the wrong place to look through them; the REST interface gives all. */
const most = 5000;

/** Every row of a list that is given in parts. */
export async function readAll<Row>(
  read: (part: { limit: number; cursor?: string }) => Promise<{ items: readonly Row[]; nextCursor: string | null }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | undefined; ; ) {
    const part = await read({ limit: partSize, ...(cursor === undefined ? {} : { cursor }) });
    rows.push(...part.items);
    if (part.nextCursor === null || rows.length >= most) return rows;
    cursor = part.nextCursor;
  }
}
