// The account that development starts with: a person, an organisation, a project, a token and the credentials of the
// local nodes, all made through the public interface and kept in one file.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Person } from './public-interface.mjs';

const organisation = 'lab';
const project = 'digits';

/**
 * @param {string} file 0600; made at the first start, read at later ones
 * @returns {Promise<{ email: string, password: string, organisation: string, project: string, token: string, credentials: Record<string, string> }>}
 */
export async function provideAccount(url, file, nodeNames) {
  const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  const account = known ?? (await createAccount(url, file));
  const missing = nodeNames.filter((name) => account.credentials[name] === undefined);
  if (missing.length === 0) return account;
  const person = known === null ? account.person : await Person.signIn(url, account);
  for (const name of missing) {
    const { secret } = await person.change('node.createCredential', { organisation, name });
    account.credentials[name] = secret;
  }
  return save(file, account);
}

async function createAccount(url, file) {
  const email = 'you@lockstep.local';
  const password = randomBytes(12).toString('base64url');
  const person = await Person.signUp(url, { name: 'You', email, password });
  await person.change('organisation.create', { slug: organisation, name: 'Lab' });
  await person.change('project.create', { organisation, slug: project, name: 'Digits' });
  const scopes = ['runs:read', 'runs:write', 'projects:write', 'datasets:write'];
  const { secret } = await person.change('token.create', { organisation, name: 'development', scopes });
  const account = { email, password, organisation, project, token: secret, credentials: {} };
  save(file, account);
  return { ...account, person };
}

function save(file, { email, password, organisation: slug, project: projectSlug, token, credentials }) {
  const account = { email, password, organisation: slug, project: projectSlug, token, credentials };
  writeFileSync(`${file}.new`, JSON.stringify(account, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return account;
}
