import { z } from 'zod';

/** Every answer that is not a success has this body, as `application/problem+json` (RFC 9457). */
export const problemSchema = z.object({
  type: z.string().describe('`urn:lockstep:error:<code>`'),
  title: z.string().describe('What the code says, the same for every occurrence.'),
  status: z.int(),
  detail: z.string().describe('For people: what was expected, for what, what came, what to do.'),
  code: z.string().describe('For programs: an error code, such as `bad-input.field`; never renamed.'),
  requestId: z.string().describe('Also in the header X-Request-Id; name it when you ask for help.'),
  problems: z
    .array(
      z.object({
        path: z.string(),
        message: z.string(),
        line: z.int().nullable(),
        column: z.int().nullable(),
      }),
    )
    .optional()
    .describe('Every problem that was found in the body, where there can be more than one.'),
});
export type ProblemBody = z.infer<typeof problemSchema>;
