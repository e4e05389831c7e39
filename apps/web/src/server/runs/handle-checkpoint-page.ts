import {
  checkpointIdSchema,
  downloadQuerySchema,
  LockstepError,
  parseWith,
  runIdSchema,
  slugSchema,
} from '@lockstep/contracts';
import { findOrganisation, getCheckpoint } from '@lockstep/db';
import { z } from 'zod';
import { container } from '../container.js';
import { problemAnswer } from '../http/answer.js';
import { requestFacts } from '../http/request-facts.js';
import { sessionUser } from '../http/session.js';
import { checkpointAnswer } from './checkpoint-answer.js';

const paramsSchema = z.object({ organisation: slugSchema, run: runIdSchema, checkpoint: checkpointIdSchema });

/** The download of a checkpoint for a person who is signed in; programs have the same below /api/v1. */
export async function handleCheckpointPage(request: Request, given: { params: Promise<unknown> }): Promise<Response> {
  const { requestId, address } = requestFacts(request.headers);
  try {
    const present = container();
    const user = await sessionUser(present, request.headers);
    if (user === null) throw new LockstepError('auth.unauthenticated', 'Sign in first.');
    const { organisation, run, checkpoint } = parseWith(paramsSchema, await given.params, { source: 'address' });
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const { file } = parseWith(downloadQuerySchema, query, { source: 'query' });
    const context = { actor: { kind: 'user', userId: user.id }, requestId, address } as const;
    const { organisationId } = await findOrganisation(present.db, context, { slug: organisation });
    const found = await getCheckpoint(present.db, context, { organisationId, runId: run, checkpointId: checkpoint });
    return checkpointAnswer({ container: present, organisationId, requestId }, found, file);
  } catch (error) {
    return problemAnswer(error, requestId);
  }
}
