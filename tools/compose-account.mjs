// node tools/compose-account.mjs URL FOLDER CREDENTIALS NODE…: of docker-compose.yml. Makes the first account and a
// credential file for each node, once.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { provideAccount } from './services/account.mjs';

const [url, folder, credentials, ...nodes] = process.argv.slice(2);
const account = await provideAccount(url, join(folder, 'account.json'), nodes);
for (const name of nodes) {
  const file = join(credentials, name);
  if (!existsSync(file)) writeFileSync(file, account.credentials[name], { mode: 0o600 });
}
console.log(
  `The account is in ${join(folder, 'account.json')}: docker compose exec web cat ${join(folder, 'account.json')}`,
);
