import { openProcedure, router } from '../trpc.js';

export const sessionRouter = router({
  /** Who is signed in; null for nobody. */
  get: openProcedure.query(({ ctx: { user } }) =>
    user === null ? null : { id: user.id, name: user.name, email: user.email },
  ),
});
