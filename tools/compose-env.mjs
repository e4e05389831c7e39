// node tools/compose-env.mjs: writes compose.env, the secrets of docker-compose.yml, with random values. Made once.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/paths.mjs';

/** Of the containers; each takes what it knows. */
export function composeEnvironment(secret = () => randomBytes(32).toString('hex')) {
  const password = secret();
  return {
    POSTGRES_USER: 'lockstep',
    POSTGRES_DB: 'lockstep',
    POSTGRES_PASSWORD: password,
    // Temporal's image has its own name for it.
    POSTGRES_PWD: password,
    LOCKSTEP_DATABASE_URL: `postgresql://lockstep:${password}@postgres:5432/lockstep`,
    LOCKSTEP_AUTH_SECRET: secret(),
  };
}

if (process.argv[1] === import.meta.filename) {
  const lines = Object.entries(composeEnvironment()).map(([name, value]) => `${name}=${value}\n`);
  try {
    writeFileSync(join(root, 'compose.env'), lines.join(''), { mode: 0o600, flag: 'wx' });
    console.log('compose.env is written. Next: docker compose up --build');
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    console.log('compose.env is there already. Its database knows no other password, so it stays as it is.');
  }
}
