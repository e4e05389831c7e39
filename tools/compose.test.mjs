import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { composeEnvironment } from './compose-env.mjs';
import { root } from './lib/paths.mjs';
import { requirements } from './lib/requirements.mjs';

const read = (...path) => readFileSync(join(root, ...path), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true });
const services = Object.entries(compose.services);

describe('docker-compose.yml', () => {
  it('is what the Compose Specification allows', () => {
    // The specification's own schema, as the package dclint carries it.
    const schema = JSON.parse(read('node_modules', 'dclint', 'schemas', 'compose.schema.json'));
    const ajv = new Ajv({ strict: false, allErrors: true, formats: { duration: true } });
    const isValid = ajv.compile({ ...schema, $schema: undefined });
    expect(isValid({ ...compose, services: { web: { ports: 3000, imagine: true } } })).toBe(false);
    isValid(compose);
    expect(isValid.errors).toBeNull();
  });

  it('opens ports to this machine only', () => {
    const ports = services.flatMap(([, { ports = [] }]) => ports);
    expect(ports).not.toHaveLength(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(services.filter(([, { network_mode }]) => network_mode === 'host')).toEqual([]);
  });

  it('has no secret in it: they come from a file that git and the image do not have', () => {
    const secrets = Object.entries(composeEnvironment(() => 'a-secret')).filter(([, value]) =>
      value.includes('a-secret'),
    );
    for (const [, { environment = {} }] of services)
      for (const [name] of secrets) expect(environment).not.toHaveProperty(name);
    for (const file of ['.gitignore', '.dockerignore']) expect(read(file)).toMatch(/^\/?compose\.env$/m);
  });

  it('gives agents no way to the database', () => {
    const agents = services.filter(([, { command }]) => command?.join(' ').includes('agent/main.js'));
    expect(agents).toHaveLength(2);
    for (const [, { env_file }] of agents) expect(env_file).toBeUndefined();
  });

  it('mounts only volumes that it declares, and waits only for services that it has', () => {
    for (const [, { volumes = [], depends_on = {} }] of services) {
      for (const volume of volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
      for (const name of Object.keys(depends_on)) expect(Object.keys(compose.services)).toContain(name);
    }
  });
});

describe('the image', () => {
  it('installs the packages that the set-up asks for', () => {
    const wanted = requirements.flatMap(({ package: name, forTests }) => (forTests ? [] : (name ?? [])));
    expect(wanted).not.toHaveLength(0);
    for (const name of wanted) expect(read('Dockerfile')).toContain(` ${name}`);
  });
});
