// node apps/web/bench/run-page.mjs [--series N] [--points N] [--rounds N]: how fast the page of a large run opens and moves, in
// Chromium, over a platform of its own. A run is trained, series are added to it, the page is opened again and again, and its
// charts are moved at the rate of the screen. stdout is one JSON object.
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { createPhases, runMain } from '../../../tools/lib/phases.mjs';
import { findChromium } from '../../../tools/lib/requirements.mjs';
import { servicePhases, setUpService } from '../../../tools/lib/setup.mjs';
import { launchRun } from '../../../tools/services/follow-run.mjs';
import { removePlatform, startPlatform } from '../../../tools/services/platform.mjs';
import { throwawayFolder } from '../../../tools/services/throwaway-folder.mjs';

const { values: given } = parseArgs({
  options: {
    series: { type: 'string', default: '20' },
    points: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '7' },
  },
});
const seriesCount = Number(given.series);
const points = Number(given.points);
const rounds = Number(given.rounds);
const spec = 'dataset: mnist\nmodel: { preset: lenet5 }\ntraining: { epochs: 1 }';

/** Adds what a long run would have recorded, as its ranks would have sent it. */
async function fill(databaseUrl, runId, note) {
  const { appendBatch, openDb } = await import('@lockstep/db');
  const db = openDb({ url: databaseUrl });
  const size = 10_000;
  const context = { actor: { kind: 'system' }, requestId: null, address: null };
  try {
    for (let from = 0, sequence = 0; from < points; from += size, sequence++) {
      const steps = Array.from({ length: Math.min(size, points - from) }, (_, index) => 1000 + from + index);
      const series = Array.from({ length: seriesCount }, (_, index) => ({
        name: `layer/norm-${index}`,
        steps,
        values: steps.map((step) => 1 / (1 + step / 1e5) + index + Math.random() / 5),
      }));
      await appendBatch(db, context, { runId, generation: 1, source: 'import', sequence, points: series });
      note(`${Math.round((100 * (from + size)) / points)}%`);
    }
  } finally {
    await db.close();
  }
}

const spread = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
  return { min: at(0), median: at(0.5), max: at(1) };
};

/** From the address being entered to every chart that is near being drawn. */
async function open(page, path) {
  const from = performance.now();
  await page.goto(path, { waitUntil: 'commit' });
  await page.waitForFunction(
    () =>
      document.querySelector('section[aria-label="layer/norm-0"] .legend') !== null &&
      document.querySelectorAll('.chart-box canvas').length >= 4,
    undefined,
    { polling: 'raf' },
  );
  return performance.now() - from;
}

/** Frames of 3 s in which the charts are moved with each. */
async function pan(page) {
  const plot = page.locator('.u-over').first();
  await plot.scrollIntoViewIfNeeded();
  const box = await plot.boundingBox();
  const at = (share) => box.x + box.width * share;
  await page.mouse.move(at(0.3), box.y + 40);
  await page.mouse.down();
  await page.mouse.move(at(0.6), box.y + 40, { steps: 4 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Show all' }).waitFor();
  await page.waitForTimeout(1000);
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const over = document.querySelector('.u-over');
        const times = [];
        const begun = performance.now();
        const frame = (now) => {
          times.push(now);
          const deltaX = Math.sin((now - begun) / 300) * 12;
          over.dispatchEvent(new WheelEvent('wheel', { deltaX, bubbles: true, cancelable: true }));
          if (now - begun < 3000) requestAnimationFrame(frame);
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
    let runId;
    await phases.run('Record a large run', async ({ note }) => {
      const { run } = await launchRun(platform, { name: 'large', spec, workers: 1 });
      runId = run.id;
      while ((await api.get(`/runs/${runId}/wait?timeoutSeconds=10`)).state !== 'completed');
      await fill(platform.databaseUrl, runId, note);
      return `${seriesCount} series, ${points} points each`;
    });
    await phases.run('Open and move its page', async () => {
      const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
      browser = await chromium.launch({ executablePath: findChromium(), args });
      const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 } });
      const signIn = { email: account.email, password: account.password };
      await context.request.post('/api/auth/sign-in/email', { data: signIn, headers: { origin: url } });
      const page = await context.newPage();
      const path = `/${account.organisation}/${account.project}/runs/${runId}`;
      await open(page, path);
      const opened = [];
      const frames = [];
      for (let round = 0; round < rounds; round++) {
        opened.push(await open(page, path));
        frames.push(...(await pan(page)));
      }
      const sorted = [...frames].sort((a, b) => a - b);
      const result = {
        openMs: spread(opened),
        frameMs: { ...spread(frames), p95: Math.round(sorted[Math.floor(sorted.length * 0.95)] * 10) / 10 },
        framesPerSecond: Math.round(1000 / (frames.reduce((sum, time) => sum + time, 0) / frames.length)),
      };
      console.log(JSON.stringify(result, null, 2));
    });
    return 0;
  } finally {
    await browser?.close();
    await platform?.stop();
    await removePlatform(folder);
  }
});
