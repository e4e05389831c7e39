import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { migrate } from '../src/index.js';
import { createEmptyDatabase } from '../src/testing/index.js';

/** Node has it; the types of Node do not. */
interface WithWebAssembly {
  readonly WebAssembly: {
    instantiate(
      bytes: Uint8Array,
      imports: object,
    ): Promise<{ instance: { exports: { __wbindgen_start?: () => void } } }>;
  };
}

/** The SQL that Prisma makes of the schema. Its engine is a WebAssembly module, so that nothing is downloaded. */
async function sqlOfSchema(url: string): Promise<string> {
  const folder = new URL('../prisma/schema/', import.meta.url);
  const files = readdirSync(folder).map((path) => ({ path, content: readFileSync(new URL(path, folder), 'utf8') }));
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = readFileSync(join(dirname(entry), 'schema_engine_bg.wasm'));
  const { WebAssembly } = globalThis as unknown as WithWebAssembly;
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': engine });
  const internals = engine as unknown as { __wbg_set_wasm(exports: object): void };
  internals.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start?.();
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: url }));
  const datamodels = files.map(({ path, content }): [string, string] => [path, content]);
  const schemaEngine = await engine.SchemaEngine.new({ datamodels }, () => undefined, adapter);
  const { stdout } = await schemaEngine.diff({
    from: { tag: 'empty' },
    to: { tag: 'schemaDatamodel', files },
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  return stdout ?? '';
}

/** Everything of a database that Prisma's schema language speaks of, one line each. */
async function catalogue(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(`
    SELECT format('column %s.%s %s%s default %s', attrelid::regclass, attname, format_type(atttypid, atttypmod),
        CASE WHEN attnotnull THEN ' not null' ELSE '' END, pg_get_expr(adbin, adrelid)) AS line
      FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r'
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
      WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped AND relname <> '_prisma_migrations'
    UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'
    UNION ALL SELECT format('constraint %s.%s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'p', 'u')
        AND conrelid <> '_prisma_migrations'::regclass
    UNION ALL SELECT format('enum %s %s', typname, string_agg(enumlabel, ' ' ORDER BY enumsortorder))
      FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid GROUP BY typname
    ORDER BY 1`);
  return rows.map(({ line }) => line);
}

async function withDatabase(fill: (url: string, client: Client) => Promise<unknown>): Promise<string[]> {
  const { url, drop } = await createEmptyDatabase();
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    await fill(url, client);
    return await catalogue(client);
  } finally {
    await client.end();
    await drop();
  }
}

/** What migrations add because the schema language has no word for it. */
const beyondPrisma =
  /^constraint .*_check CHECK |INDEX (allocation_active_idx|run_at_work_idx|run_tags_idx|invitation_open_key|password_reset_open_key) /;

it('the migrations make what the Prisma schema says', async () => {
  const migrated = await withDatabase((url) => migrate(url));
  const described = await withDatabase(async (url, client) => {
    await client.query('CREATE TABLE "_prisma_migrations" (id text)');
    await client.query(await sqlOfSchema(url));
  });
  expect(described.length).toBeGreaterThan(300);
  expect(migrated.filter((line) => !described.includes(line) && !beyondPrisma.test(line))).toEqual([]);
  expect(described.filter((line) => !migrated.includes(line))).toEqual([]);
  expect(migrated.filter((line) => beyondPrisma.test(line)).length).toBeGreaterThanOrEqual(12);
});
