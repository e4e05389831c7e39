// Where a platform that runs is found, for the person in front of the terminal.
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { bold } from '../lib/phases.mjs';

export function tellAddress({ url, account, logs }, folder, write) {
  const rows = [
    ['open', url],
    ['sign in', `${account.email}  password ${account.password}`],
    ['runs', `${url}/${account.organisation}/${account.project}/runs`],
    ['API', `${url}/docs/api`],
    ['token', `in ${join(folder, 'account.json')}`],
    ['logs', logs.join(', ')],
  ];
  if (process.env.SSH_CONNECTION) {
    const { port } = new URL(url);
    // The third word is the address that this machine was reached at.
    const host = process.env.SSH_CONNECTION.split(' ')[2] ?? hostname();
    const command = `ssh -N -L ${port}:127.0.0.1:${port} ${userInfo().username}@${host}`;
    rows.splice(1, 0, ['over SSH', `${command}   (on your own machine, before you open it)`]);
  }
  write('\n');
  for (const [name, value] of rows) write(`  ${name.padEnd(10)}${bold(value)}\n`);
  write('\n');
}
