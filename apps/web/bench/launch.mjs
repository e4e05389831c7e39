// How fast pages are: from the click that launches a run to its first point, and from a batch of metrics that the server
// has to its points in the chart. tools/bench-pages.mjs gives it a service and prints what it finds.
import { api, given, spread, withBrowser } from './given.mjs';

const { account, rounds, seconds } = given;
const chart = { title: 'Loss', names: ['train/loss', 'val/loss'] };

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
  const response = await api('GET', `/runs/${runId}/events`);
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
  await api('POST', `/runs/${runId}/cancel`);
  await followed;
  const first = drawn.find(({ points }) => points > 0);
  const lags = batches
    .filter(({ time }) => time > first.at && time < until)
    .map(({ time, points }) => (drawn.find((each) => each.points >= points)?.at ?? Number.POSITIVE_INFINITY) - time);
  return { firstPointMs: first.at - clickedAt, lags };
}

await withBrowser(async (newContext) => {
  const context = await newContext();
  await context.addInitScript(watchDrawing, chart.title);
  const page = await context.newPage();
  const all = [];
  for (let index = 0; index <= rounds; index++) {
    const found = await round(page);
    const name = index === 0 ? 'warm-up' : `round ${index}`;
    process.stderr.write(`${name}: first point ${found.firstPointMs} ms, ${found.lags.length} batches\n`);
    if (index > 0) all.push(found);
  }
  const launchToFirstPointMs = spread(all.map(({ firstPointMs }) => firstPointMs));
  const batchToDrawnMs = spread(all.flatMap(({ lags }) => lags));
  console.log(JSON.stringify({ launchToFirstPointMs, batchToDrawnMs }));
});
