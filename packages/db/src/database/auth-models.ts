import type { Db } from './open-db.js';

/** What better-auth's Prisma adapter needs, and nothing else of the database. */
export type AuthModels = Pick<Db['prisma'], 'user' | 'session' | 'account' | 'verification' | '$transaction'>;

/** `prismaAdapter(authModels(db), { provider: 'postgresql' })` */
export function authModels({ prisma }: Db): AuthModels {
  return {
    user: prisma.user,
    session: prisma.session,
    account: prisma.account,
    verification: prisma.verification,
    $transaction: prisma.$transaction.bind(prisma),
  };
}
