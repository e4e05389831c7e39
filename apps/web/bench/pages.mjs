// How fast pages are: from the click that launches a run to its first point, and from a batch of metrics that the server
// has to its points in the chart. tools/bench-pages.mjs gives it a service and prints what it finds.
import { chromium } from 'playwright-core';

const { url, account, executablePath, rounds, seconds } = JSON.parse(process.env.LOCKSTEP_BENCH_PAGES ?? '{}');
const chart = { title: 'Loss', names: ['train/loss', 'val/loss'] };
const api = (path, init = {}) =>
  fetch(`${url}/api/v1${path}`, { ...init, headers: { authorization: `Bearer ${account.token}` } });

/** In the page: when it had painted how many points. */
function watchDrawing(title) {
  window.lockstepDrawn = [];
  let last = 0;
  const look = () => {
    const caption = document.querySelector(`section[aria-label="${title}"] header`)?.textContent ?? '';
    const points = Number(/of ([\d,]+) points/.exec(caption)?.[1]?.replaceAll(',', '') ?? 0);
    if (points === last) return;
    last = points;
    // The chart is drawn in this frame; the next one begins after it was painted.
    requestAnimationFrame(() => requestAnimationFrame(() => window.lockstepDrawn.push({ points, at: Date.now() })));
  };
  new MutationObserver(look).observe(document, { childList: true, characterData: true, subtree: true });
}

/** Batches of the chart as the server tells them while they come: the time it has of each, and the points up to it. */
async function followBatches(runId, batches) {
  const response = await api(`/runs/${runId}/events`);
  let rest = '';
  let points = 0;
  const decoder = new TextDecoder();
  for await (const part of response.body) {
    const blocks = (rest + decoder.decode(part, { stream: true })).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      if (!block.startsWith('event: metrics')) continue;
      const { time, series } = JSON.parse(/^data: (.*)$/m.exec(block)[1]);
      const added = series
        .filter(({ name }) => chart.names.includes(name))
        .reduce((sum, { steps }) => sum + steps.length, 0);
      points += added;
      if (added > 0) batches.push({ time: Date.parse(time), points });
    }
  }
}

async function round(page) {
  await page.goto(`/${account.organisation}/${account.project}/launch`);
  await page.getByText('22,278').waitFor();
  await page.getByLabel('Epochs').fill('900');
  await page.waitForFunction(() => !document.querySelector('button[disabled]'));
  const clickedAt = Date.now();
  await page.getByRole('button', { name: 'Launch run' }).click();
  await page.waitForURL(/\/runs\/run_/);
  const runId = new URL(page.url()).pathname.split('/').at(-1);
  const batches = [];
  const followed = followBatches(runId, batches);
  await page.waitForFunction(() => window.lockstepDrawn?.some(({ points }) => points > 0), null, { timeout: 60_000 });
  await page.waitForTimeout(seconds * 1000);
  const until = Date.now();
  // What the server has by now is drawn soon.
  await page.waitForTimeout(3000);
  const drawn = await page.evaluate(() => window.lockstepDrawn);
  await api(`/runs/${runId}/cancel`, { method: 'POST' });
  await followed;
  const first = drawn.find(({ points }) => points > 0);
  const lags = batches
    .filter(({ time }) => time > first.at && time < until)
    .map(({ time, points }) => (drawn.find((each) => each.points >= points)?.at ?? Number.POSITIVE_INFINITY) - time);
  return { firstPointMs: first.at - clickedAt, lags };
}

const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
try {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 } });
  await context.addInitScript(watchDrawing, chart.title);
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(account.email);
  await page.getByLabel('Password').fill(account.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Organisations', exact: true }).waitFor();
  const all = [];
  for (let index = 0; index <= rounds; index++) {
    const found = await round(page);
    process.stderr.write(
      `${index === 0 ? 'warm-up' : `round ${index}`}: first point ${found.firstPointMs} ms, ${found.lags.length} batches\n`,
    );
    if (index > 0) all.push(found);
  }
  const at = (values, share) =>
    [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
  const first = all.map(({ firstPointMs }) => firstPointMs);
  const lags = all.flatMap((each) => each.lags);
  console.log(
    JSON.stringify({
      launchToFirstPointMs: {
        median: at(first, 0.5),
        min: Math.min(...first),
        max: Math.max(...first),
        rounds: first.length,
      },
      batchToDrawnMs: { median: at(lags, 0.5), p95: at(lags, 0.95), max: Math.max(...lags), batches: lags.length },
    }),
  );
} finally {
  await browser.close();
}
