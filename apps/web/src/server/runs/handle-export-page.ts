import { exportQuerySchema, LockstepError, parseWith, runIdSchema, slugSchema } from '@lockstep/contracts';
import { findOrganisation } from '@lockstep/db';
import { z } from 'zod';
import { container } from '../container.js';
import { problemAnswer } from '../http/answer.js';
import { requestFacts } from '../http/request-facts.js';
import { sessionUser } from '../http/session.js';
import { logsExport, metricsExport } from './run-export.js';

const paramsSchema = z.object({ organisation: slugSchema, run: runIdSchema });
const querySchema = exportQuerySchema.extend({ what: z.enum(['metrics', 'logs']).default('metrics') });

/** Metrics or logs of a run as a file for a person who is signed in; programs have the same below /api/v1. */
export async function handleExportPage(request: Request, given: { params: Promise<unknown> }): Promise<Response> {
  const { requestId, address } = requestFacts(request.headers);
  try {
    const present = container();
    const user = await sessionUser(present, request.headers);
    if (user === null) throw new LockstepError('auth.unauthenticated', 'Sign in first.');
    const { organisation, run: runId } = parseWith(paramsSchema, await given.params, { source: 'address' });
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const { what, format, series } = parseWith(querySchema, query, { source: 'query' });
    const context = { actor: { kind: 'user', userId: user.id }, requestId, address } as const;
    const { organisationId } = await findOrganisation(present.db, context, { slug: organisation });
    const call = { container: present, context, requestId };
    if (what === 'logs') return await logsExport(call, { organisationId, runId }, format);
    return await metricsExport(call, { organisationId, runId }, { format, names: series?.split(',') });
  } catch (error) {
    return problemAnswer(error, requestId);
  }
}
