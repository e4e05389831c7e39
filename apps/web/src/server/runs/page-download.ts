import { LockstepError, parseWith, runIdSchema, slugSchema } from '@lockstep/contracts';
import { type Context, findOrganisation } from '@lockstep/db';
import { z } from 'zod';
import { type Container, container } from '../container.js';
import { problemAnswer } from '../http/answer.js';
import { requestFacts } from '../http/request-facts.js';
import { sessionUser } from '../http/session.js';

interface Download<Params, Query> {
  readonly container: Container;
  readonly context: Context;
  readonly requestId: string;
  readonly organisationId: string;
  readonly runId: string;
  readonly params: Params;
  readonly query: Query;
}

/** A file of a run for a person who is signed in; programs have the same below /api/v1. */
export function pageDownload<Params, Query>(
  paramsSchema: z.ZodType<Params>,
  querySchema: z.ZodType<Query>,
  answer: (download: Download<Params, Query>) => Promise<Response>,
) {
  const ofRun = z.object({ organisation: slugSchema, run: runIdSchema });
  return async (request: Request, given: { params: Promise<unknown> }): Promise<Response> => {
    const { requestId, address } = requestFacts(request.headers);
    try {
      const present = container();
      const user = await sessionUser(present, request.headers);
      if (user === null) throw new LockstepError('auth.unauthenticated', 'Sign in first.');
      const path = await given.params;
      const { organisation, run: runId } = parseWith(ofRun, path, { source: 'address' });
      const params = parseWith(paramsSchema, path, { source: 'address' });
      const search = Object.fromEntries(new URL(request.url).searchParams);
      const query = parseWith(querySchema, search, { source: 'query' });
      const context = { actor: { kind: 'user', userId: user.id }, requestId, address } as const;
      const { organisationId } = await findOrganisation(present.db, context, { slug: organisation });
      return await answer({ container: present, context, requestId, organisationId, runId, params, query });
    } catch (error) {
      return problemAnswer(error, requestId);
    }
  };
}
