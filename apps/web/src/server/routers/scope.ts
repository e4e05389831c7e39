import { slugSchema } from '@lockstep/contracts';
import { type Context, type Db, findOrganisation } from '@lockstep/db';
import { z } from 'zod';

/** The organisation comes from the address of the page, never from the session. */
export const organisationInput = { organisation: slugSchema };

export const pageInput = {
  cursor: z.string().min(1).max(512).optional(),
  limit: z.int().min(1).max(200).optional(),
};

/** Strangers are told that there is none. */
export async function organisationIdOf(
  { db, context }: { readonly db: Db; readonly context: Context },
  slug: string,
): Promise<string> {
  return (await findOrganisation(db, context, { slug })).organisationId;
}
