import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client';
import superjson from 'superjson';
import type { AppRouter } from '../../server/routers/app-router.js';

export const trpc = createTRPCClient<AppRouter>({ links: [httpLink({ url: '/api/trpc', transformer: superjson })] });

/** What to show for an error of a call. Without data it is none of the server's, but of the way to it. */
export function messageOf(error: unknown): string {
  return error instanceof TRPCClientError && error.data != null
    ? error.message
    : 'The server cannot be reached. Try again.';
}
