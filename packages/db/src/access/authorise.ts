import type { Tx } from '../database/transaction.js';
import type { Role } from '../generated/prisma/enums.js';
import type { Context } from './actor.js';
import { forbidden, notFound } from './refusals.js';
import { type Right, roleAllows, scopesAllow } from './rights.js';

/** What an actor may do in one organisation, read when it is needed and never kept. */
export interface Grant {
  /** The user behind the actor; null for the system. */
  readonly userId: string | null;
  readonly role: Role | null;
  /** The only project that a token reaches; null for all. */
  readonly projectId: string | null;
}

/** Connections that can read; a transaction or the client itself. */
export type Reader = Pick<Tx, 'member' | 'apiToken' | 'run' | 'project'>;

/**
 * Checks that the actor may do this in the organisation, by its present role.
 *
 * @param projectId of what it is done to, where that belongs to a project
 * @throws LockstepError `auth.not-found` for strangers, `auth.forbidden` for members without the right
 */
export async function authorise(
  tx: Reader,
  { actor }: Context,
  organisationId: string,
  right: Right,
  projectId: string | null = null,
): Promise<Grant> {
  switch (actor.kind) {
    case 'system':
      return { userId: null, role: null, projectId: null };
    case 'user': {
      const role = await roleOf(tx, organisationId, actor.userId);
      if (!roleAllows(role, right)) throw forbidden(right);
      return { userId: actor.userId, role, projectId: null };
    }
    case 'token': {
      const token = await tx.apiToken.findFirst({
        where: {
          id: actor.tokenId,
          organisationId,
          revokedAt: null,
          OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }],
        },
        select: { userId: true, scopes: true, projectId: true },
      });
      if (token === null) throw notFound('organisation');
      const role = await roleOf(tx, organisationId, token.userId);
      if (!roleAllows(role, right) || !scopesAllow(token.scopes, right)) throw forbidden(right);
      if (token.projectId !== null && projectId !== null && token.projectId !== projectId) throw notFound('project');
      return { userId: token.userId, role, projectId: token.projectId };
    }
    case 'node':
      throw notFound('organisation');
  }
}

async function roleOf(tx: Reader, organisationId: string, userId: string): Promise<Role> {
  const member = await tx.member.findUnique({
    where: { organisationId_userId: { organisationId, userId } },
    select: { role: true },
  });
  if (member === null) throw notFound('organisation');
  return member.role;
}

/** For verbs of the control plane. */
export function requireSystem({ actor }: Context): void {
  if (actor.kind !== 'system') throw notFound('page');
}
