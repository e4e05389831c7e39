import { parseWith, tagsSchema, updateRunBodySchema } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { addEvent } from '../../runs/add-event.js';
import { lockRun } from '../../runs/lock-run.js';

export interface UpdateRunInput {
  readonly organisationId: string;
  readonly runId: string;
  readonly name?: string;
  readonly tags?: readonly string[];
  readonly addTags?: readonly string[];
  readonly notes?: string;
  readonly archived?: boolean;
}

/** Renames, tags, annotates or archives a run; what is left out stays. */
export async function updateRun(
  db: Db,
  context: Context,
  { organisationId, runId, ...changes }: UpdateRunInput,
): Promise<void> {
  await inTransaction(db, async (tx, changed) => {
    await authorise(tx, context, organisationId, 'runs:write');
    const run = await lockRun(tx, runId, organisationId);
    const grant = await authorise(tx, context, organisationId, 'runs:write', run.projectId);
    const { name, tags, addTags, notes, archived } = parseWith(updateRunBodySchema, changes, { source: 'run' });
    let allTags = tags;
    if (addTags !== undefined) {
      const before = tags ?? (await tx.run.findUniqueOrThrow({ where: { id: runId }, select: { tags: true } })).tags;
      allTags = parseWith(tagsSchema, [...new Set([...before, ...addTags])], { source: 'tags' });
    }
    await tx.run.update({
      where: { id: runId },
      data: {
        ...(name === undefined ? {} : { name }),
        ...(allTags === undefined ? {} : { tags: [...new Set(allTags)] }),
        ...(notes === undefined ? {} : { notes }),
        ...(archived === undefined ? {} : { archivedAt: archived ? new Date() : null }),
      },
      select: { id: true },
    });
    const fields = Object.keys(changes).sort();
    await addEvent(tx, run, { kind: 'updated', data: { fields } }, changed);
    await audit(tx, context, { organisationId, action: 'run.update', subjectId: runId, detail: { fields } }, grant);
  });
}
