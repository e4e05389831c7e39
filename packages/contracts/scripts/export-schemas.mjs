// Writes schemas/*.json from the zod schemas. Run it after a change of a spec: `npm run schemas -w packages/contracts`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { jsonSchemas } from '../dist/json-schema/json-schemas.js';

const folder = new URL('../schemas/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(jsonSchemas())) {
  writeFileSync(new URL(name, folder), `${JSON.stringify(schema, null, 2)}\n`);
  console.log(`packages/contracts/schemas/${name}`);
}
