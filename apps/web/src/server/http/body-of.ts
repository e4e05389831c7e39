import type { z } from 'zod';

/** What a route's handler gives: what its schema describes, nothing, or an answer of its own. */
export type BodyOf<R> = R extends { response: infer S extends z.ZodType }
  ? z.output<S>
  : R extends { response: null }
    ? undefined
    : Response;
