import { readSettings } from '../env.js';
import { type Container, container } from './container.js';
import { jsonAnswer } from './http/answer.js';
import { requestFacts } from './http/request-facts.js';

interface PartHealth {
  readonly ok: boolean;
  /** For whoever runs the server: what is missing and what to do. No addresses: anybody may ask. */
  readonly problem: string | null;
}

export interface Health {
  readonly ok: boolean;
  readonly configuration: PartHealth;
  readonly database: PartHealth;
  readonly temporal: PartHealth;
}

const fine: PartHealth = { ok: true, problem: null };
const bad = (problem: string): PartHealth => ({ ok: false, problem });

/** Anybody may ask, as often as they like: within a second all get the same answer. */
const validMs = 1000;
let last: { readonly at: number; readonly health: Promise<Health> } | null = null;

export function readHealth(): Promise<Health> {
  if (last === null || Date.now() - last.at > validMs) last = { at: Date.now(), health: lookAtParts() };
  return last.health;
}

async function lookAtParts(): Promise<Health> {
  let present: Container;
  try {
    present = container();
  } catch (error) {
    const unknown = bad('Not asked: the configuration is not complete.');
    return { ok: false, configuration: bad((error as Error).message), database: unknown, temporal: unknown };
  }
  const [database, temporal] = await Promise.all([databaseHealth(present), temporalHealth(present)]);
  return { ok: database.ok && temporal.ok, configuration: fine, database, temporal };
}

async function databaseHealth({ db }: Container): Promise<PartHealth> {
  const deadline = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no answer')), 4000).unref());
  try {
    const { rows } = await Promise.race([
      db.pool.query<{ present: boolean }>(`SELECT to_regclass('run') IS NOT NULL AS present`),
      deadline,
    ]);
    if (rows[0]?.present) return fine;
    return bad('Postgres answers, but it has no tables. Apply the migrations and try again.');
  } catch {
    return bad('Postgres does not answer at the address in LOCKSTEP_DATABASE_URL. Start it, or correct the address.');
  }
}

async function temporalHealth({ orchestrator }: Container): Promise<PartHealth> {
  if (orchestrator === null) {
    return bad('LOCKSTEP_TEMPORAL_ADDRESS is not set: runs are stored, and start once a control worker finds them.');
  }
  if ((await orchestrator.problem()) === null) return fine;
  return bad('Temporal does not answer at the address in LOCKSTEP_TEMPORAL_ADDRESS. Start it, or correct the address.');
}

/** What is missing, as sentences; for the log at start. */
export async function missingAtStart(): Promise<string[]> {
  readSettings();
  const { configuration, database, temporal } = await readHealth();
  return [configuration, database, temporal].flatMap(({ problem }) => problem ?? []);
}

export async function handleHealth(request: Request): Promise<Response> {
  const health = await readHealth();
  return jsonAnswer(health.ok ? 200 : 503, health, requestFacts(request.headers).requestId);
}
