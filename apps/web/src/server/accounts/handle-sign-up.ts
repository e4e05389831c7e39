import { LockstepError, parseWith } from '@lockstep/contracts';
import { acceptInvitation, findInvitation, hasUsers } from '@lockstep/db';
import { APIError } from 'better-auth';
import { z } from 'zod';
import { type Container, container } from '../container.js';
import { problemAnswer } from '../http/answer.js';
import { requireOwnOrigin } from '../http/origin.js';
import { requireRate } from '../http/rate-limit.js';
import { readJson } from '../http/read-body.js';
import { requestFacts } from '../http/request-facts.js';
import { apiHeaders } from '../http/security-headers.js';
import { passwordSchema } from '../services/auth.js';
import { Mutex } from '../services/mutex.js';

const bodyBytes = 16 * 1024;
const signUpsPerMinute = 20;

const signUpSchema = z.strictObject({
  name: z.string().trim().min(1).max(128),
  email: z.email().max(254),
  password: passwordSchema,
  invitation: z.string().max(128).optional().describe('Secret of an invitation to an organisation.'),
});
type SignUp = z.output<typeof signUpSchema>;

/** Of two people who are the first at the same time, one is. */
const oneAtATime = new Mutex();

/** Makes an account and signs its owner in: the first one, then those who are invited, or anybody where that is configured. */
export async function handleSignUp(request: Request): Promise<Response> {
  const { requestId, address } = requestFacts(request.headers);
  const headers: Record<string, string> = {};
  try {
    const present = container();
    requireOwnOrigin(request, present.settings.publicUrl);
    await requireRate(present.db, `sign-up:${address ?? 'unknown'}`, signUpsPerMinute, headers);
    const fields = parseWith(signUpSchema, await readJson(request, bodyBytes), { source: 'body' });
    const answer = await oneAtATime.run(() => signUp(present, fields, request.headers));
    const { user } = (await answer.clone().json()) as { user: { id: string } };
    if (fields.invitation !== undefined) {
      const context = { actor: { kind: 'user', userId: user.id }, requestId, address } as const;
      await acceptInvitation(present.db, context, { secret: fields.invitation });
    }
    const cookies = answer.headers.getSetCookie();
    const result = new Response(JSON.stringify({ userId: user.id }), {
      status: 201,
      headers: { ...apiHeaders, ...headers, 'Content-Type': 'application/json', 'X-Request-Id': requestId },
    });
    for (const cookie of cookies) result.headers.append('Set-Cookie', cookie);
    return result;
  } catch (error) {
    return problemAnswer(expected(error), requestId, headers);
  }
}

async function signUp({ db, auth, settings }: Container, fields: SignUp, headers: Headers): Promise<Response> {
  const { name, email, password, invitation } = fields;
  const invited = invitation === undefined ? null : await findInvitation(db, invitation);
  if (invitation !== undefined && invited?.email.toLowerCase() !== email.toLowerCase()) {
    throw new LockstepError(
      'auth.not-found',
      'Expected an open invitation for this e-mail address. It may have been used, or have expired: ask for a new one.',
    );
  }
  if (settings.signUp === 'invitation' && invited === null && (await hasUsers(db))) {
    throw new LockstepError(
      'auth.forbidden',
      'Signing up needs an invitation here. Ask an admin of your organisation.',
    );
  }
  return auth.api.signUpEmail({ body: { name, email, password }, headers, asResponse: true }).then(requireSuccess);
}

async function requireSuccess(answer: Response): Promise<Response> {
  if (answer.ok) return answer;
  const { code } = (await answer.json().catch(() => ({}))) as { code?: string };
  throw refusal(code);
}

/** What the accounts library throws, in our words. */
function expected(error: unknown): unknown {
  return error instanceof APIError ? refusal(error.body?.code) : error;
}

function refusal(code: string | undefined): Error {
  if (code?.startsWith('USER_ALREADY_EXISTS')) {
    return new LockstepError('bad-input.taken', 'There is an account with this e-mail address. Sign in.');
  }
  return new Error(`the accounts library refused a sign-up: ${code ?? 'no code'}`);
}
