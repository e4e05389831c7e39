import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fillRunSpec, parseRunSpec } from './parse-run-spec.js';

const folder = new URL('../../../../examples/', import.meta.url);

describe('examples', () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s is a run spec', (name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    expect(() => fillRunSpec(parseRunSpec(text, name))).not.toThrow();
    expect(text.startsWith('# yaml-language-server: $schema=../packages/contracts/schemas/run-spec.schema.json')).toBe(
      true,
    );
  });
});
