import { agentTaskQueue, parseWith, type RegisterNodeBody, registerNodeBodySchema } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';

/**
 * Says what a node has; its agent does so whenever it starts. Name and pool are those that its credential was made for.
 * From now on heartbeats of an earlier process of the agent are refused.
 */
export async function registerNode(
  db: Db,
  context: Context,
  input: RegisterNodeBody & { readonly datasets?: readonly string[] },
): Promise<{ nodeId: string; taskQueue: string }> {
  const { actor } = context;
  if (actor.kind !== 'node') throw notFound('node');
  const { datasets = [], ...body } = input;
  const facts = parseWith(registerNodeBodySchema, body, { source: 'node' });
  const { nodeId } = actor;
  await inTransaction(db, async (tx, _, nodesChanged) => {
    const { count } = await tx.node.updateMany({
      where: { id: nodeId, retiredAt: null },
      data: {
        incarnation: facts.instance,
        registeredAt: new Date(),
        lastSeenAt: new Date(),
        drainingSince: null,
        address: facts.address,
        cpus: Array.from({ length: facts.cores }, (_, cpu) => cpu),
        memoryBytes: Math.round(facts.memoryBytes),
        cpuModel: facts.cpuModel,
        isas: facts.isas,
        nodeClasses: Object.fromEntries(facts.numericClasses.map(({ isa, numericClass }) => [isa, numericClass.id])),
        datasets: [...datasets],
        agentVersion: facts.agentVersion,
      },
    });
    if (count === 0) throw notFound('node');
    const { organisationId } = await tx.node.findUniqueOrThrow({
      where: { id: nodeId },
      select: { organisationId: true },
    });
    nodesChanged(organisationId);
    await audit(tx, context, { organisationId, action: 'node.register', subjectId: nodeId });
  });
  return { nodeId, taskQueue: agentTaskQueue(nodeId) };
}
