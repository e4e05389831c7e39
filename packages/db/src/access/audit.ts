import type { Tx } from '../database/transaction.js';
import type { Prisma } from '../generated/prisma/client.js';
import { newId } from '../ids/new-id.js';
import { actorId, type Context } from './actor.js';
import type { Grant } from './authorise.js';

export interface AuditEntry {
  readonly organisationId: string | null;
  /** `run.create`: what it was done to, and what. */
  readonly action: string;
  readonly subjectId: string;
  /** Never a secret. */
  readonly detail?: Prisma.InputJsonObject;
}

/** Writes who did it, in the transaction that does it. */
export async function audit(
  tx: Tx,
  { actor, requestId, address }: Context,
  { organisationId, action, subjectId, detail = {} }: AuditEntry,
  grant?: Grant,
): Promise<void> {
  await tx.audit.create({
    data: {
      id: newId('audit'),
      organisationId,
      actorKind: actor.kind,
      actorId: actorId(actor),
      userId: grant?.userId ?? (actor.kind === 'user' ? actor.userId : null),
      requestId,
      address,
      action,
      subjectId,
      detail,
    },
    select: { id: true },
  });
}
