// What the list of many runs weighs, and how it opens, sorts and scrolls: 10,000 runs, unless `--count` says otherwise.
import { openDb } from '@lockstep/db';
import { framesWhile, given, spread, trained, withBrowser } from './given.mjs';

const runs = given.count ?? 10_000;

/** Copies of one run with its numbers, under other names. */
async function copies(runId) {
  const db = openDb({ url: given.databaseUrl });
  try {
    await db.pool.query(
      `INSERT INTO run SELECT (jsonb_populate_record(run, jsonb_build_object('id', 'run_' || gen_random_uuid(), 'name', 'copy ' || n))).*
       FROM run, generate_series(1, $2::int) AS n WHERE id = $1`,
      [runId, runs - 1],
    );
    await db.pool.query(
      `INSERT INTO run_progress (run_id, organisation_id, step, total_steps, total_epochs)
       SELECT id, organisation_id, 469, 469, 1 FROM run ON CONFLICT DO NOTHING`,
    );
    await db.pool.query(
      `INSERT INTO metric_series (run_id, name, labels) SELECT id, 'train/loss', '{}' FROM run
       WHERE id <> $1 ON CONFLICT DO NOTHING`,
      [runId],
    );
    await db.pool.query(
      `INSERT INTO run_metric_summary (run_id, name, labels, series_id, points, first, first_step, last, last_step, min, max)
       SELECT run_id, name, labels, id, 10, 2, 1, random(), 469, 0, 2 FROM metric_series WHERE run_id <> $1 ON CONFLICT DO NOTHING`,
      [runId],
    );
    await db.pool.query('ANALYZE');
  } finally {
    await db.close();
  }
}

const { account, rounds } = given;
await copies(await trained('first', 'dataset: mnist\nmodel: { preset: softmax-regression }\ntraining: { epochs: 1 }'));
await withBrowser(async (newContext) => {
  const opened = [];
  const sorted = [];
  const frames = [];
  let scriptBytes = 0;
  for (let round = 0; round <= rounds; round++) {
    const context = await newContext();
    const page = await context.newPage();
    const from = performance.now();
    await page.goto(`/${account.organisation}/${account.project}/runs`, { waitUntil: 'commit' });
    await page.locator('.grid-row').nth(10).waitFor();
    const openMs = performance.now() - from;
    scriptBytes = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(({ name }) => new URL(name).pathname.endsWith('.js'))
        .reduce((sum, { transferSize }) => sum + transferSize, 0),
    );
    const sortFrom = performance.now();
    await page.getByRole('button', { name: /^Loss/ }).click();
    await page.waitForFunction(() => {
      const rows = [...document.querySelectorAll('.grid-row')].slice(0, 8);
      const losses = rows.map((row) => Number(row.cells[5]?.textContent));
      return losses.length === 8 && losses.every((value, index) => index === 0 || value <= losses[index - 1]);
    });
    const sortMs = performance.now() - sortFrom;
    // From the top to the end, some rows with each frame.
    const found = await framesWhile(page, 8000, (elapsedMs, lengthMs) => {
      const list = document.querySelector('.grid-rows');
      list.scrollTop = (elapsedMs / lengthMs) * list.scrollHeight;
    });
    await context.close();
    // The first round is to warm up.
    if (round === 0) continue;
    opened.push(openMs);
    sorted.push(sortMs);
    frames.push(...found);
  }
  const compressedScriptKilobytes = Math.round(scriptBytes / 1000);
  console.log(
    JSON.stringify({
      runs,
      openMs: spread(opened),
      sortMs: spread(sorted),
      frameMs: spread(frames),
      compressedScriptKilobytes,
    }),
  );
});
