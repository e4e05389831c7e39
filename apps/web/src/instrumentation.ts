/** Runs once when the server starts: says what is missing. It serves all the same, because what is missing may come. */
export async function register(): Promise<void> {
  // Written out, because Next leaves out by this text what its other runtime cannot load.
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { reportAtStart } = await import('./server/report-at-start.js');
    await reportAtStart();
  }
}
