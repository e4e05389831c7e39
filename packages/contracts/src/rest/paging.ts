import { z } from 'zod';

/** Numbers come as text in a query. */
export const queryInt = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.int().min(min).max(max));

export const cursorSchema = z.string().min(1).max(512).describe('`nextCursor` of the page before.');

export const pageQuery = {
  cursor: cursorSchema.optional(),
  limit: queryInt(1, 200).optional().describe('Rows of a page. Default 50, at most 200.'),
};

/** A page; `nextCursor` is null on the last one. */
export function pageOf<S extends z.ZodType>(item: S) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}
