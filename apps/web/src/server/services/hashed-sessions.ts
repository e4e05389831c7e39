import { createHash } from 'node:crypto';
import type { DBAdapter, DBTransactionAdapter, Where } from 'better-auth';

/**
 * Session tokens are stored as their SHA-256, so that a copy of the database opens no session. The library hands tokens to
 * its adapter as they are in the cookie; here they become hashes on the way in, and themselves again on the way out.
 */
export function withHashedSessions(adapter: DBAdapter): DBAdapter {
  const inner: DBTransactionAdapter = adapter;
  const wrapped: DBTransactionAdapter = {
    ...inner,
    create: async <T extends Record<string, unknown>, R = T>(input: Creation<T>): Promise<R> => {
      if (input.model !== 'session') return inner.create<T, R>(input);
      const data: Record<string, unknown> = input.data;
      const row = await inner.create<T, R>({ ...input, data: hashData(data) as Omit<T, 'id'> });
      return restore(row, data.token);
    },
    findOne: async (input) => restore(await inner.findOne(hashWhere(input)), tokenOf(input)),
    findMany: (input) => inner.findMany(hashWhere(input)),
    update: async (input) => restore(await inner.update(hashWhere(hashUpdate(input))), tokenOf(input)),
    updateMany: (input) => inner.updateMany(hashWhere(hashUpdate(input))),
    delete: (input) => inner.delete(hashWhere(input)),
    deleteMany: (input) => inner.deleteMany(hashWhere(input)),
    count: (input) => inner.count(hashWhere(input)),
    consumeOne: (input) => inner.consumeOne(hashWhere(input)),
    incrementOne: (input) => inner.incrementOne(hashWhere(input)),
  };
  return { ...wrapped, transaction: (work) => work(wrapped) };
}

interface Creation<T> {
  model: string;
  data: Omit<T, 'id'>;
  select?: string[] | undefined;
  forceAllowId?: boolean | undefined;
}

interface Query {
  readonly model: string;
  readonly where?: Where[] | undefined;
}

const hash = (token: string): string => createHash('sha256').update(token).digest('hex');

function hashData(data: Record<string, unknown>): Record<string, unknown> {
  return typeof data.token === 'string' ? { ...data, token: hash(data.token) } : data;
}

function hashUpdate<Q extends Query & { update: Record<string, unknown> }>(query: Q): Q {
  return query.model === 'session' ? { ...query, update: hashData(query.update) } : query;
}

function hashWhere<Q extends Query>(query: Q): Q {
  if (query.model !== 'session' || query.where === undefined) return query;
  const where = query.where.map((clause) =>
    clause.field === 'token' ? { ...clause, value: hashValue(clause.value) } : clause,
  );
  return { ...query, where };
}

function hashValue(value: Where['value']): Where['value'] {
  if (typeof value === 'string') return hash(value);
  return Array.isArray(value) ? value.map((item) => hash(String(item))) : value;
}

function tokenOf({ model, where }: Query): unknown {
  return model === 'session' ? where?.find(({ field }) => field === 'token')?.value : undefined;
}

function restore<T>(row: T, token: unknown): T {
  return typeof row === 'object' && row !== null && 'token' in row && typeof token === 'string'
    ? { ...row, token }
    : row;
}
