import { LockstepError, secretKind } from '@lockstep/contracts';
import type { Actor } from '../../access/actor.js';
import { hashSecret } from '../../access/secrets.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import type { Role } from '../../generated/prisma/enums.js';

export interface AuthenticatedToken {
  readonly actor: Extract<Actor, { kind: 'token' }>;
  readonly organisationId: string;
  readonly userId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** The owner's at present. */
  readonly role: Role;
  /** Slug of the only project that it reaches. */
  readonly project: string | null;
  readonly expiresAt: Date | null;
}

/** How exact `lastUsedAt` is. */
const lastUsedMs = 60_000;

/**
 * Whose token a secret is. Verbs check it again when they run; ask here again while a stream stays open.
 *
 * @throws LockstepError `auth.unauthenticated` for secrets that are mistyped, unknown, revoked or expired, or whose owner left
 */
export async function authenticateToken(db: Db, secret: string): Promise<AuthenticatedToken> {
  if (secretKind(secret) !== 'token') throw refused();
  return reading(async () => {
    const token = await db.prisma.apiToken.findUnique({ where: { secretHash: hashSecret(secret) } });
    const nowMs = Date.now();
    if (token === null || token.revokedAt !== null || (token.expiresAt !== null && token.expiresAt.getTime() <= nowMs))
      throw refused();
    const { id, organisationId, userId } = token;
    const [member, project] = await Promise.all([
      db.prisma.member.findUnique({
        where: { organisationId_userId: { organisationId, userId } },
        select: { role: true },
      }),
      token.projectId === null
        ? null
        : db.prisma.project.findUnique({ where: { id: token.projectId }, select: { slug: true } }),
    ]);
    if (member === null) throw refused();
    if (token.lastUsedAt === null || nowMs - token.lastUsedAt.getTime() > lastUsedMs)
      await db.prisma.apiToken.update({ where: { id }, data: { lastUsedAt: new Date(nowMs) }, select: { id: true } });
    return {
      actor: { kind: 'token', tokenId: id },
      organisationId,
      userId,
      name: token.name,
      scopes: token.scopes,
      role: member.role,
      project: project?.slug ?? null,
      expiresAt: token.expiresAt,
    };
  });
}

function refused(): LockstepError {
  return new LockstepError(
    'auth.unauthenticated',
    'Expected a valid token, got one that is mistyped, unknown, revoked or expired. Make a new one under Settings, Tokens.',
  );
}
