import { openProcedure, router } from '../trpc.js';

export const sessionRouter = router({
  /** Who is signed in; null for nobody. */
  get: openProcedure.query(({ ctx: { user } }) => user),
});
