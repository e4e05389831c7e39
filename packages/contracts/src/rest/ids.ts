import { z } from 'zod';

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** An id as the API writes it: what it names, `_`, a UUID. Ids of version 7 sort by the time they were made. */
function idSchema(prefix: string) {
  return z
    .string()
    .regex(new RegExp(`^${prefix}_${uuid}$`), `expected an id of the form ${prefix}_<uuid>`)
    .describe(`${prefix}_<uuid>`);
}

export const runIdSchema = idSchema('run');
export const nodeIdSchema = idSchema('node');
export const projectIdSchema = idSchema('prj');
export const datasetIdSchema = idSchema('ds');
export const checkpointIdSchema = idSchema('ckp');
export const tokenIdSchema = idSchema('tok');

/** The word in a URL for an organisation or a project. */
export const slugSchema = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/,
    'expected up to 40 lower-case letters, digits and hyphens, with no hyphen at the ends',
  );

/** Words that addresses of pages already have a meaning for, by where an organisation or a project would stand. */
export const reservedSlugs = {
  organisation: ['account', 'api', 'docs', 'node', 'reset-password', 'sign-in', 'sign-up'],
  project: ['datasets', 'members', 'nodes', 'projects', 'tokens'],
} as const;

/** For a new organisation or project. */
export function newSlugSchema(of: keyof typeof reservedSlugs) {
  return slugSchema.refine(
    (slug) => !(reservedSlugs[of] as readonly string[]).includes(slug),
    'expected another word: this one is the address of a page',
  );
}

export const timeSchema = z.iso.datetime().describe('UTC, ISO 8601.');
