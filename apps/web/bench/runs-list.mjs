// node apps/web/bench/runs-list.mjs [--runs N] [--rounds N]: what the list of many runs weighs and how it scrolls, in Chromium,
// over a platform of its own. stdout is one JSON object.
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { createPhases, runMain } from '../../../tools/lib/phases.mjs';
import { findChromium } from '../../../tools/lib/requirements.mjs';
import { servicePhases, setUpService } from '../../../tools/lib/setup.mjs';
import { launchRun } from '../../../tools/services/follow-run.mjs';
import { removePlatform, startPlatform } from '../../../tools/services/platform.mjs';
import { throwawayFolder } from '../../../tools/services/throwaway-folder.mjs';

const { values: given } = parseArgs({
  options: { runs: { type: 'string', default: '10000' }, rounds: { type: 'string', default: '3' } },
});
const runs = Number(given.runs);
const rounds = Number(given.rounds);
const spec = 'dataset: mnist\nmodel: { preset: softmax-regression }\ntraining: { epochs: 1 }';

/** Copies of one run with its numbers, under other names. */
async function copies(databaseUrl, runId) {
  const { openDb } = await import('@lockstep/db');
  const db = openDb({ url: databaseUrl });
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
      `INSERT INTO metric_series (run_id, organisation_id, name, labels) SELECT id, organisation_id, 'train/loss', '{}' FROM run
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

const spread = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
  return { min: at(0), median: at(0.5), p95: at(0.95), max: at(1) };
};

/** Frames while the list is scrolled from its top to its end, by about three rows with each. */
function scroll(page) {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const list = document.querySelector('.grid-rows');
        const times = [];
        const begun = performance.now();
        const frame = (now) => {
          times.push(now);
          list.scrollTop = ((now - begun) / 8000) * list.scrollHeight;
          if (now - begun < 8000) requestAnimationFrame(frame);
          else resolve(times.slice(1).map((time, index) => time - times[index]));
        };
        requestAnimationFrame(frame);
      }),
  );
}

await runMain(async () => {
  const phases = createPhases('bench', servicePhases + 3, { write: (text) => process.stderr.write(text) });
  await setUpService(phases);
  const folder = await throwawayFolder();
  let platform;
  let browser;
  try {
    await phases.run('Start the platform', async ({ note }) => {
      platform = await startPlatform(folder, { nodes: 1, note });
      return platform.url;
    });
    const { account, api, url } = platform;
    await phases.run('Make many runs', async () => {
      const { run } = await launchRun(platform, { name: 'first', spec, workers: 1 });
      while ((await api.get(`/runs/${run.id}/wait?timeoutSeconds=10`)).state !== 'completed');
      await copies(platform.databaseUrl, run.id);
      return `${runs} runs`;
    });
    await phases.run('Open, sort and scroll the list', async () => {
      const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
      browser = await chromium.launch({ executablePath: findChromium(), args });
      const path = `/${account.organisation}/${account.project}/runs`;
      const opened = [];
      const sorted = [];
      const frames = [];
      let scriptBytes = 0;
      for (let round = 0; round <= rounds; round++) {
        // A browser that has nothing of it.
        const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 } });
        const signIn = { email: account.email, password: account.password };
        await context.request.post('/api/auth/sign-in/email', { data: signIn, headers: { origin: url } });
        const page = await context.newPage();
        const from = performance.now();
        await page.goto(path, { waitUntil: 'commit' });
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
          const cells = [...document.querySelectorAll('.grid-row')]
            .slice(0, 8)
            .map((row) => Number(row.cells[5].textContent));
          return cells.length === 8 && cells.every((value, index) => index === 0 || value <= cells[index - 1]);
        });
        const sortMs = performance.now() - sortFrom;
        const found = await scroll(page);
        await page.locator('.grid-row').last().waitFor();
        await context.close();
        // The first round is to warm up.
        if (round === 0) continue;
        opened.push(openMs);
        sorted.push(sortMs);
        frames.push(...found);
      }
      console.log(
        JSON.stringify(
          {
            openMs: spread(opened),
            sortMs: spread(sorted),
            frameMs: spread(frames),
            compressedScriptKilobytes: Math.round(scriptBytes / 1000),
          },
          null,
          2,
        ),
      );
    });
    return 0;
  } finally {
    await browser?.close();
    await platform?.stop();
    await removePlatform(folder);
  }
});
