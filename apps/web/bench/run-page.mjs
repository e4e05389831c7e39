// How fast the page of a large run opens and moves: 20 series of a million points each, unless `--count` says otherwise.
import { appendBatch, openDb } from '@lockstep/db';
import { framesWhile, given, spread, trained, withBrowser } from './given.mjs';

const seriesCount = 20;
const points = given.count ?? 1_000_000;

/** Adds what a long run would have recorded, as its ranks would have sent it. */
async function fill(runId) {
  const db = openDb({ url: given.databaseUrl });
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
    }
  } finally {
    await db.close();
  }
}

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

/** Zooms into the first chart, then moves what is shown with each frame. */
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
  return framesWhile(page, 3000, (elapsedMs) => {
    const deltaX = Math.sin(elapsedMs / 300) * 12;
    const wheel = new WheelEvent('wheel', { deltaX, bubbles: true, cancelable: true });
    document.querySelector('.u-over').dispatchEvent(wheel);
  });
}

const { account, rounds } = given;
const runId = await trained('large', 'dataset: mnist\nmodel: { preset: lenet5 }\ntraining: { epochs: 1 }');
await fill(runId);
await withBrowser(async (newContext) => {
  const page = await (await newContext()).newPage();
  const path = `/${account.organisation}/${account.project}/runs/${runId}`;
  await open(page, path);
  const opened = [];
  const frames = [];
  for (let round = 0; round < rounds; round++) {
    opened.push(await open(page, path));
    frames.push(...(await pan(page)));
  }
  const framesPerSecond = Math.round(1000 / (frames.reduce((sum, time) => sum + time, 0) / frames.length));
  console.log(
    JSON.stringify({ series: seriesCount, points, openMs: spread(opened), frameMs: spread(frames), framesPerSecond }),
  );
});
