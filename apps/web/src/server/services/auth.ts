import { authModels, type Db } from '@lockstep/db';
import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { z } from 'zod';
import type { Settings } from '../../env.js';
import { describeError, log } from '../log.js';
import { withHashedSessions } from './hashed-sessions.js';

const day = 24 * 3600;
const passwordLength = { least: 10, most: 256 };
export const passwordSchema = z.string().min(passwordLength.least).max(passwordLength.most);
/** What is reached from outside; signing up goes through a route of our own, which knows who may. */
export const authPaths = new Set(['sign-in/email', 'sign-out', 'get-session']);

/** Accounts, passwords and sessions of people. Organisations, roles and tokens are verbs of packages/db. */
export function createAuth(db: Db, settings: Settings, secret: string) {
  const adapter = prismaAdapter(authModels(db), { provider: 'postgresql' });
  return betterAuth({
    appName: 'Lockstep',
    baseURL: settings.publicUrl,
    basePath: '/api/auth',
    secret,
    trustedOrigins: [settings.publicUrl],
    database: (options: BetterAuthOptions) => withHashedSessions(adapter(options)),
    emailAndPassword: {
      enabled: true,
      minPasswordLength: passwordLength.least,
      maxPasswordLength: passwordLength.most,
      autoSignIn: true,
    },
    // Not refreshed: what only reads never writes.
    session: { expiresIn: 14 * day, disableSessionRefresh: true, cookieCache: { enabled: false } },
    verification: { storeIdentifier: 'hashed' },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    advanced: {
      cookiePrefix: 'lockstep',
      useSecureCookies: settings.publicUrl.startsWith('https:'),
      defaultCookieAttributes: { sameSite: 'lax', httpOnly: true, path: '/' },
      ipAddress: { ipAddressHeaders: ['x-lockstep-address'] },
    },
    logger: { level: 'error', log: (_, message) => log('error', `accounts: ${message}`) },
    onAPIError: { onError: (error) => log('error', 'accounts failed', { error: describeError(error) }) },
  });
}

export type Auth = ReturnType<typeof createAuth>;
