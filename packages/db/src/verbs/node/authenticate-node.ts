import { LockstepError, secretKind } from '@lockstep/contracts';
import type { Actor } from '../../access/actor.js';
import { hashSecret } from '../../access/secrets.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

export interface AuthenticatedNode {
  readonly actor: Extract<Actor, { kind: 'node' }>;
  readonly organisationId: string;
}

/** Which node a credential is of. @throws LockstepError `auth.unauthenticated`, also for nodes that were retired */
export async function authenticateNode(db: Db, secret: string): Promise<AuthenticatedNode> {
  return reading(async () => {
    const node =
      secretKind(secret) === 'node'
        ? await db.prisma.node.findUnique({
            where: { secretHash: hashSecret(secret) },
            select: { id: true, organisationId: true, retiredAt: true },
          })
        : null;
    if (node === null || node.retiredAt !== null)
      throw new LockstepError('auth.unauthenticated', 'Expected the credential of a node, got one that is not valid.');
    return { actor: { kind: 'node', nodeId: node.id }, organisationId: node.organisationId };
  });
}
