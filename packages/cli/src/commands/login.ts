import { LockstepError, secretKind } from '@lockstep/contracts';
import type { Command } from 'commander';
import { credentialsFile } from '../env.js';
import { reportError } from '../errors/report-error.js';
import { ServiceClient } from '../service/client.js';
import { isReadableOnTheWay, saveCredentials, serviceOrigin } from '../service/credentials.js';

const longestToken = 4096;

export function addLogin(program: Command, done: (exitCode: number) => void): void {
  program
    .command('login')
    .summary('sign in to a service with a token')
    .description(
      'Reads a token from standard input, tries it, and keeps it in a file that only you can read. Tokens are made on the ' +
        "service's pages. A token on a command line would be seen by others on this machine, so that there is no option for it.",
    )
    .requiredOption('-u, --url <address>', 'address of the service')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep login --url https://lockstep.example.com < token
  $ lockstep login --url http://127.0.0.1:3000          (then paste the token and press Enter)`,
    )
    .action(async (options: { url: string }) => done(await login(options)));
}

async function login(options: { url: string }): Promise<number> {
  try {
    const url = serviceOrigin(options.url);
    if (isReadableOnTheWay(url))
      process.stderr.write(`warning: ${url} is plain HTTP to another machine: others may read the token on the way.\n`);
    if (process.stdin.isTTY) process.stderr.write(`Token for ${url}: `);
    const token = await readToken(process.stdin);
    const { organisation, actor, scopes, expiresAt } = await new ServiceClient({ url, token }).call('getMe');
    await saveCredentials(credentialsFile(), { url, token });
    const until = expiresAt === null ? '' : `, until ${expiresAt}`;
    process.stdout.write(
      `Signed in to ${url}: ${organisation.name} (${organisation.slug}), token ${actor.name}, may ${scopes.join(', ')}${until}\n`,
    );
    return 0;
  } catch (error) {
    return reportError(error);
  }
}

/** The first line of the input. Throws `bad-input.option`, without what was read. */
async function readToken(input: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const piece of input) {
    text += String(piece);
    if (text.includes('\n') || text.length > longestToken) break;
  }
  const token = text.split('\n', 1)[0]?.trim() ?? '';
  if (secretKind(token) === 'token') return token;
  throw new LockstepError(
    'bad-input.option',
    'Expected a token (lst_ and 39 characters) on standard input, got something else, or not all of it.',
  );
}
