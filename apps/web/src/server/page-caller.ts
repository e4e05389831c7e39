import { isLockstepError } from '@lockstep/contracts';
import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { container } from './container.js';
import { askedPathHeader } from './http/asked-path.js';
import { requestFacts } from './http/request-facts.js';
import { sessionUser } from './http/session.js';
import { appRouter } from './routers/app-router.js';
import { createCallerFactory } from './trpc.js';

const createCaller = createCallerFactory(appRouter);

/** The router for server components: as the person who is signed in. Signed out, the page is left for the one to sign in. */
export async function pageCaller() {
  const given = await headers();
  const present = container();
  const user = await sessionUser(present, given);
  if (user === null) redirect(`/sign-in?next=${encodeURIComponent(given.get(askedPathHeader) ?? '/')}`);
  return { user, api: createCaller({ container: present, user, headers: given, ...requestFacts(given) }) };
}

/** The same for a frame around pages, which leaves it to the page inside to send people who are signed out elsewhere. */
export async function frameCaller() {
  const given = await headers();
  const present = container();
  const user = await sessionUser(present, given);
  return user === null
    ? null
    : { user, api: createCaller({ container: present, user, headers: given, ...requestFacts(given) }) };
}

/** What is asked for in an address and cannot be: it is no organisation's name, no run's id. */
const absent: readonly string[] = ['auth.not-found', 'auth.forbidden', 'bad-input.field'];

/** What a page reads; what may not be seen is the same as what is not there. */
export async function orNotFound<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    if (isLockstepError(cause) && absent.includes(cause.code)) notFound();
    throw error;
  }
}
