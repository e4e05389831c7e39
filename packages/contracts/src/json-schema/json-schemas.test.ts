import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { jsonSchemas } from './json-schemas.js';

describe('exported JSON Schemas', () => {
  for (const [name, schema] of Object.entries(jsonSchemas())) {
    it(`${name} is current (npm run schemas -w packages/contracts)`, () => {
      const file = new URL(`../../schemas/${name}`, import.meta.url);
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)));
    });
  }

  it('refuse unknown fields, as the parser does', () => {
    const schema = jsonSchemas()['run-spec.schema.json'] as { additionalProperties: unknown; required: unknown };
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required).toEqual(['dataset', 'model']);
  });
});
