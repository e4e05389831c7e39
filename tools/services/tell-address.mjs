// Where a platform that runs is found, for the person in front of the terminal.
import { join } from 'node:path';
import { bold } from '../lib/phases.mjs';

export function tellAddress({ url, account, logs }, folder, write) {
  const rows = [
    ['open', url],
    ['sign in', `${account.email}  password ${account.password}`],
    ['runs', `${url}/${account.organisation}/${account.project}`],
    ['API', `${url}/docs/api`],
    ['token', `in ${join(folder, 'account.json')}`],
    ['logs', logs.join(', ')],
  ];
  if (process.env.SSH_CONNECTION) {
    const { port } = new URL(url);
    rows.splice(1, 0, ['over SSH', `ssh -N -L ${port}:127.0.0.1:${port} <this machine>, on your own machine`]);
  }
  write('\n');
  for (const [name, value] of rows) write(`  ${name.padEnd(10)}${bold(value)}\n`);
  write('\n');
}
