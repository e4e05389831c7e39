import { z } from 'zod';
import { graphSpecSchema } from '../graph-spec/graph-spec.js';
import { resolvedSpecSchema } from '../run-spec/resolved-spec.js';
import { runSpecSchema } from '../run-spec/run-spec.js';

/**
 * JSON Schemas of the documents that people write, by file name, for editors and other tools. They are draft 7, which the
 * YAML extensions of editors read. Bounds on whole documents (bytes, depth) and rules across fields are not in them.
 */
export function jsonSchemas(): Record<string, object> {
  return {
    'run-spec.schema.json': exported(runSpecSchema, 'Lockstep run spec'),
    'graph-spec.schema.json': exported(graphSpecSchema, 'Lockstep graph spec'),
    'resolved-spec.schema.json': exported(resolvedSpecSchema, 'Lockstep resolved spec'),
  };
}

function exported(schema: z.ZodType, title: string): object {
  return { title, ...z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) };
}
