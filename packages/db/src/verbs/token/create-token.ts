import { LockstepError, parseWith, tokenScopeSchema } from '@lockstep/contracts';
import { z } from 'zod';
import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import { forbidden, notFound } from '../../access/refusals.js';
import { newSecret } from '../../access/secrets.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { newId } from '../../ids/new-id.js';

const inputSchema = z.strictObject({
  organisationId: z.string(),
  name: z.string().trim().min(1).max(128),
  scopes: z.array(tokenScopeSchema).min(1).max(16),
  /** Slug of the only project that it reaches. */
  project: z.string().optional(),
  expiresAt: z.date().optional(),
});
export type CreateTokenInput = z.input<typeof inputSchema>;

const tokensOfUser = 100;

/** Makes a token for the signed-in user. The secret is shown once. No token makes tokens. */
export async function createToken(
  db: Db,
  context: Context,
  input: CreateTokenInput,
): Promise<{ tokenId: string; secret: string }> {
  return inTransaction(db, async (tx) => {
    const grant = await authorise(tx, context, input.organisationId, 'tokens:write');
    if (context.actor.kind !== 'user' || grant.userId === null) throw forbidden('tokens to be made');
    const { organisationId, name, scopes, project, expiresAt } = parseWith(inputSchema, input, { source: 'token' });
    if (expiresAt !== undefined && expiresAt.getTime() <= Date.now())
      throw new LockstepError('bad-input.field', 'expiresAt: expected a time to come, got one that has passed.');
    const found =
      project === undefined
        ? null
        : await tx.project.findFirst({ where: { organisationId, slug: project }, select: { id: true } });
    if (project !== undefined && found === null) throw notFound('project');
    const count = await tx.apiToken.count({ where: { organisationId, userId: grant.userId, revokedAt: null } });
    if (count >= tokensOfUser)
      throw new LockstepError(
        'bad-input.limit',
        `Expected at most ${tokensOfUser} tokens of a user. Revoke some first.`,
      );
    const { secret, hash, hint } = newSecret('token');
    const tokenId = newId('token');
    await tx.apiToken.create({
      data: {
        id: tokenId,
        organisationId,
        userId: grant.userId,
        projectId: found?.id ?? null,
        name,
        scopes: [...new Set(scopes)],
        hint,
        secretHash: hash,
        expiresAt: expiresAt ?? null,
      },
      select: { id: true },
    });
    await audit(
      tx,
      context,
      { organisationId, action: 'token.create', subjectId: tokenId, detail: { name, scopes } },
      grant,
    );
    return { tokenId, secret };
  });
}
