/** Runs once when the server starts: says what is missing. It serves all the same, because what is missing may come. */
export async function register(): Promise<void> {
  const { reportAtStart } = await import('./server/report-at-start.js');
  await reportAtStart();
}
