import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWeb, startWeb } from '../../../tools/services/web.mjs';

export interface WebProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Everything that it printed so far. */
  log(): string;
  stop(): Promise<void>;
}

export interface WebOptions {
  readonly databaseUrl: string;
  readonly temporalAddress?: string;
  readonly env?: Record<string, string>;
}

/** Limits that tests of other things do not run into. */
const roomy = { LOCKSTEP_REQUESTS_PER_MINUTE: '1000000', LOCKSTEP_ATTEMPTS_PER_MINUTE: '1000000' };

/** The web application as a process of its own, in a folder of its own. */
export async function startWebProcess({ env = {}, ...options }: WebOptions): Promise<WebProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-web-'));
  await buildWeb({ logFile: join(folder, 'build.log') });
  const web = await startWeb(folder, { ...options, env: { ...roomy, ...env } }).catch((error) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    url: web.url,
    port: web.port,
    pid: web.pid,
    log: () => readFileSync(web.logFile, 'utf8'),
    stop: async () => {
      await web.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
