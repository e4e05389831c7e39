// How fast metrics come in and go out. Needs a built package and a server: `node tools/load.mjs` starts one.
//   --seconds N   how long each ingest lasts (20)
//   --points N    values of one batch and series (500)
//   --scale N     share of the sizes below (1)
//   --large       small live batches and their joining, charts of 10 runs with a million points each, a list of 10,000 runs, deleting a run of 6.5 million values
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import {
  appendBatch,
  compactMetrics,
  deleteRun,
  formGeneration,
  listRuns,
  metricSeries,
  placeRun,
  purgeRun,
} from '../dist/index.js';
import { createTestDatabase, makeNode, makeOrganisation, makeRun, system } from '../dist/testing/index.js';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    points: { type: 'string', default: '500' },
    scale: { type: 'string', default: '1' },
    large: { type: 'boolean', default: false },
  },
});
const seconds = Number(options.seconds);
const pointsOfSeries = Number(options.points);
const scale = Number(options.scale);
const sources = 8;
const seriesOfBatch = 10;

const database = await createTestDatabase();
const { db } = database;
const organisation = await makeOrganisation(db);
await makeNode(db, organisation.organisationId, { cores: 64 });

async function startRun() {
  await db.pool.query('UPDATE node SET last_seen_at = now()');
  const runId = await makeRun(db, organisation);
  await placeRun(db, system, { runId });
  await formGeneration(db, system, { runId, generation: 1 });
  return runId;
}

function batchOf(runId, source, sequence, series, points) {
  const steps = Array.from({ length: points }, (_, index) => sequence * points + index);
  return {
    runId,
    generation: 1,
    source: `rank-${source}`,
    sequence,
    points: Array.from({ length: series }, (_, index) => ({
      name: `train/metric-${index}`,
      labels: { rank: String(source) },
      steps,
      values: steps.map(() => Math.random()),
    })),
  };
}

const metricTables = [
  'metric_chunk',
  'metric_tier',
  'metric_tail',
  'metric_series',
  'metric_batch',
  'run_metric_summary',
];

async function sizes() {
  const { rows } = await db.pool.query(
    'SELECT sum(pg_total_relation_size(oid)) AS bytes FROM pg_class WHERE relname = ANY($1)',
    [metricTables],
  );
  return Number(rows[0].bytes);
}

function report(name, value) {
  console.log(`${name.padEnd(64)} ${value}`);
}

/** @param {string[]} runs one for each source */
async function ingest(name, runs) {
  const before = await sizes();
  const end = performance.now() + seconds * 1000;
  const begun = performance.now();
  let stored = 0;
  const latencies = [];
  await Promise.all(
    runs.map(async (runId, source) => {
      for (let sequence = 0; performance.now() < end; sequence++) {
        const batch = batchOf(runId, source, sequence, seriesOfBatch, pointsOfSeries);
        const from = performance.now();
        await appendBatch(db, system, batch);
        latencies.push(performance.now() - from);
        stored += seriesOfBatch * pointsOfSeries;
      }
    }),
  );
  const perSecond = stored / ((performance.now() - begun) / 1000);
  report(`${name}: values a second`, Math.round(perSecond).toLocaleString('en'));
  report(`${name}: bytes a value, indexes and open buckets included`, (((await sizes()) - before) / stored).toFixed(1));
  report(`${name}: ms a batch, p50 and p95`, `${quantile(latencies, 0.5)} ${quantile(latencies, 0.95)}`);
}

function quantile(list, part) {
  const sorted = [...list].sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1);
}

async function timed(count, action) {
  const times = [];
  for (let index = 0; index < count; index++) {
    const from = performance.now();
    await action(index);
    times.push(performance.now() - from);
  }
  return `${quantile(times, 0.5)} ${quantile(times, 0.95)}`;
}

async function fill(runId, series, points) {
  for (let sequence = 0; sequence < points / 10_000; sequence++)
    await appendBatch(db, system, batchOf(runId, 0, sequence, series, 10_000));
}

/** Bytes without the free space that deleted rows leave, which later rows take. */
async function packedSizes() {
  for (const table of metricTables) await db.pool.query(`VACUUM FULL ${table}`);
  return sizes();
}

/** What a run brings while it is watched: every batch has a few points of each series. */
async function live() {
  const pointsOfLive = 10;
  const values = 2_000_000 * scale;
  const runId = await startRun();
  const before = await packedSizes();
  const begun = performance.now();
  const batches = Math.ceil(values / (seriesOfBatch * pointsOfLive));
  for (let sequence = 0; sequence < batches; sequence++)
    await appendBatch(db, system, batchOf(runId, 0, sequence, seriesOfBatch, pointsOfLive));
  const perSecond = (batches * seriesOfBatch * pointsOfLive) / ((performance.now() - begun) / 1000);
  const name = `batches of ${pointsOfLive} points of ${seriesOfBatch} series, one source`;
  report(`${name}: values a second`, Math.round(perSecond).toLocaleString('en'));
  const bytesOfValue = async () => (((await packedSizes()) - before) / values).toFixed(1);
  const chunks = async () => {
    const { rows } = await db.pool.query(
      'SELECT count(*) AS count FROM metric_chunk JOIN metric_series ON id = series_id WHERE run_id = $1',
      [runId],
    );
    return rows[0].count.toLocaleString('en');
  };
  report(`${name}: chunks, bytes a value`, `${await chunks()} ${await bytesOfValue()}`);
  await db.pool.query("UPDATE run SET state = 'completed', ended_at = now() - interval '1 hour' WHERE id = $1", [
    runId,
  ]);
  const join = async () => {
    while ((await compactMetrics(db, system)).joined > 0);
  };
  report('joining them in the background: ms', await timed(1, join));
  report('joined: chunks, bytes a value', `${await chunks()} ${await bytesOfValue()}`);
}

async function large() {
  await live();
  if (scale !== 1) report('sizes below are multiplied by', scale);
  const { organisationId, owner } = organisation;
  const runs = await Promise.all(Array.from({ length: 10 }, startRun));
  for (const runId of runs) await fill(runId, 1, 1_000_000 * scale);
  const chart = (range) =>
    Promise.all(
      runs.map((runId) =>
        metricSeries(db, owner.context, { organisationId, runId, names: ['train/metric-0'], ...range }),
      ),
    );
  report('chart of 10 runs with 1 M points each: ms, p50 and p95', await timed(20, () => chart({})));
  const zoom = () => chart({ since: Math.round(123_456 * scale), until: Math.round(456_789 * scale) });
  report('the same, a third of it', await timed(20, zoom));

  const [template] = runs;
  await db.pool.query(
    `INSERT INTO run SELECT (jsonb_populate_record(run, jsonb_build_object('id', 'run_' || gen_random_uuid()))).*
     FROM run, generate_series(1, 10000) WHERE id = $1`,
    [template],
  );
  await db.pool.query(
    `INSERT INTO run_progress (run_id, organisation_id, total_steps, total_epochs)
     SELECT id, organisation_id, 1, 1 FROM run ON CONFLICT DO NOTHING`,
  );
  await db.pool.query('ANALYZE run');
  let cursor;
  const page = async () => {
    const { nextCursor } = await listRuns(db, owner.context, {
      organisationId,
      limit: 200,
      ...(cursor ? { cursor } : {}),
    });
    cursor = nextCursor ?? undefined;
  };
  report('page of 200 of 10,000 runs: ms, p50 and p95', await timed(50, page));
  const search = () => listRuns(db, owner.context, { organisationId, limit: 50, search: 'nothing like it' });
  report('search that finds nothing among 10,000 runs: ms, p50 and p95', await timed(20, search));

  const big = await startRun();
  await fill(big, 10, 650_000 * scale);
  await db.pool.query("UPDATE run SET state = 'completed', ended_at = now() WHERE id = $1", [big]);
  report(
    'delete a run of 6.5 M values: ms',
    await timed(1, () => deleteRun(db, owner.context, { organisationId, runId: big })),
  );
  report('free its rows in the background: ms', await timed(1, () => purgeRun(db, system, { runId: big })));
}

try {
  await ingest('8 sources of 8 runs', await Promise.all(Array.from({ length: sources }, startRun)));
  const shared = await startRun();
  await ingest('8 sources of one run', new Array(sources).fill(shared));
  if (options.large) await large();
} finally {
  await database.close();
}
