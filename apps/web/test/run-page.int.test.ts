import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Platform } from '../../../tools/services/platform.mjs';
import { barriers, type Dashboard, startDashboard, type WatchedBrowser } from './browser.js';

let dashboard: Dashboard;
let platform: Platform;
let browser: WatchedBrowser;
let page: Page;

beforeAll(async () => {
  dashboard = await startDashboard();
  ({ platform, browser } = dashboard);
  page = (await dashboard.signedIn()).page;
});

afterAll(() => dashboard?.close());

async function ended(name: string, training: Record<string, unknown>): Promise<{ id: string; state: string }> {
  const { project } = platform.account;
  const spec = { dataset: 'mnist', model: { preset: 'lenet5' }, training };
  const { id } = (await platform.api.send('POST', '/runs', { project, name, spec })) as { id: string };
  for (;;) {
    const { state } = (await platform.api.get(`/runs/${id}/wait?timeoutSeconds=10`)) as { state: string };
    if (['completed', 'failed', 'cancelled'].includes(state)) return { id, state };
  }
}

const addressOf = (id: string): string => `/${platform.account.organisation}/${platform.account.project}/runs/${id}`;
const chart = (title: string) => page.getByRole('region', { name: title, exact: true });

it('draws a run over steps, epochs, training time and core-seconds, and gives every point away', async () => {
  const { id, state } = await ended('charted', { epochs: 4 });
  expect(state).toBe('completed');
  await page.goto(addressOf(id));
  const loss = chart('Loss');
  await loss.locator('canvas').waitFor();
  const caption = loss.locator('header');
  const whole = (await caption.textContent()) ?? '';

  for (const axis of ['epoch', 'training time', 'core-seconds']) {
    await page.getByLabel('Horizontal axis').selectOption(`x = ${axis}`);
    await loss.getByRole('application').press('ArrowRight');
    await expect.poll(() => caption.textContent()).toContain(axis);
    await page.mouse.move(0, 0);
  }
  // At the last point everything was spent that the run says it spent.
  await loss.getByRole('application').press('ArrowLeft');
  await expect.poll(() => caption.textContent()).toMatch(/core-seconds [\d.]+ s/);
  await page.getByLabel('Horizontal axis').selectOption('x = step');

  // Zooming with the mouse stops following, and Escape shows everything again.
  const box = await loss.locator('.u-over').boundingBox();
  if (box === null) throw new Error('no plot');
  await page.mouse.move(box.x + 40, box.y + 30);
  await page.mouse.down();
  await page.mouse.move(box.x + 160, box.y + 30, { steps: 4 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Show all' }).waitFor();
  await loss.getByRole('application').press('Escape');
  await page.getByRole('button', { name: 'Show all' }).waitFor({ state: 'detached' });

  // What is shown is in the address.
  await page.getByLabel('Horizontal axis').selectOption('epoch');
  await page.getByRole('button', { name: 'Log scale' }).click();
  await page.waitForURL(/\?log=1&axis=epoch$/);
  await page.reload();
  await expect.poll(() => page.getByLabel('Horizontal axis').inputValue()).toBe('epoch');
  await page.getByRole('button', { name: 'Log scale', pressed: true }).click();
  await page.waitForURL(/\?axis=epoch$/);

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'All points of Loss as CSV' }).click(),
  ]);
  const csv = readFileSync(await download.path(), 'utf8');
  const { token } = platform.account;
  const exported = await fetch(
    `${platform.url}/api/v1/runs/${id}/metrics/export?format=csv&series=train/loss,val/loss`,
    {
      headers: { authorization: `Bearer ${token}` },
    },
  );
  expect(csv).toBe(await exported.text());
  const count = Number(/of ([\d,]+) points/.exec(whole)?.[1]?.replaceAll(',', ''));
  expect(csv.trim().split('\n').length - 1).toBe(count);
  expect(count).toBeGreaterThan(8);
  await page.getByTitle('Generation 1: 1 worker').first().waitFor();
  expect(browser.complaints).toEqual([]);
});

it('opens a failed run with its cause and what to do, and retries it', async () => {
  const { id, state } = await ended('too fast', {
    epochs: 1,
    optimizer: { kind: 'sgd', learningRate: 1, weightDecay: 1e6 },
  });
  expect(state).toBe('failed');
  await page.goto(addressOf(id));
  const failure = page.getByRole('region', { name: 'Why it failed' });
  await failure.getByText('numerics.non-finite').waitFor();
  await failure.getByText('the same spec ends at the same step').waitFor();
  await failure.getByText(/step \d+ · layer/).waitFor();
  expect(await barriers(page)).toEqual([]);
  await failure.getByRole('button', { name: 'Retry' }).click();
  await page.waitForURL((url) => url.pathname.includes('/runs/run_') && !url.pathname.endsWith(id));
  await page.getByRole('heading', { name: 'too fast' }).waitFor();
  // The same spec ends at the same step.
  await page
    .getByRole('region', { name: 'Why it failed' })
    .getByText(/step \d+ · layer/)
    .waitFor({ timeout: 60_000 });
  expect(browser.complaints).toEqual([]);
});
