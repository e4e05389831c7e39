/** Address of the server on which test databases are made; the tests' global set-up starts one. */
export function testServerUrl(): string {
  const url = process.env.LOCKSTEP_TEST_POSTGRES_URL;
  if (url === undefined || url === '')
    throw new Error('Expected LOCKSTEP_TEST_POSTGRES_URL, which the global set-up of the int tests sets.');
  return url;
}
