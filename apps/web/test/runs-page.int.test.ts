import { openDb } from '@lockstep/db';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Platform } from '../../../tools/services/platform.mjs';
import { barriers, type Dashboard, startDashboard, type WatchedBrowser } from './browser.js';

const names = ['one', 'two', 'three', 'four'];
let dashboard: Dashboard;
let platform: Platform;
let browser: WatchedBrowser;
let page: Page;

beforeAll(async () => {
  dashboard = await startDashboard();
  ({ platform, browser } = dashboard);
  const { project } = platform.account;
  for (const name of names) {
    const spec = { dataset: 'mnist', model: { preset: 'softmax-regression' }, training: { epochs: 1 } };
    const { id } = (await platform.api.send('POST', '/runs', { project, name, spec })) as { id: string };
    for (let state = ''; state !== 'completed'; )
      state = (await platform.api.get(`/runs/${id}/wait?timeoutSeconds=10`)).state as string;
  }
  page = (await dashboard.signedIn()).page;
});

afterAll(() => dashboard?.close());

const shownNames = (): Promise<string[]> => page.locator('.grid-row td:nth-child(2) a').allTextContents();
const runsPage = (query = '') => `/${platform.account.organisation}/${platform.account.project}/runs${query}`;

it('changes several runs at once, tells refusals by name, and undoes what can be undone', async () => {
  await page.goto(runsPage());
  await page.getByLabel('Select one').check();
  await page.getByLabel('Select two').check();
  await page.getByLabel('Tag to add').fill('kept');
  await page.getByRole('button', { name: 'Add tag' }).click();
  await expect.poll(() => page.locator('.grid-row .tag').count()).toBe(2);

  // What is shown is in the address.
  await page.getByLabel('Tag', { exact: true }).selectOption('kept');
  await page.reload();
  await expect.poll(shownNames).toEqual(['two', 'one']);
  await page.getByRole('button', { name: /^Run/ }).click();
  await expect.poll(shownNames).toEqual(['one', 'two']);
  expect(page.url()).toContain('sort=name');

  // From the first to the last with Shift.
  await page.goto(runsPage());
  await page.getByLabel('Select four').click();
  await page.getByLabel('Select one').click({ modifiers: ['Shift'] });
  await page.getByText('4 selected').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('4 selected').waitFor({ state: 'detached' });

  // A baseline cannot be deleted; the other one goes.
  await page.getByRole('link', { name: 'three' }).click();
  await page.getByRole('button', { name: 'Make baseline' }).click();
  await page.goto(runsPage());
  await page.getByLabel('Select three').check();
  await page.getByLabel('Select four').check();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Delete: 1 done, 1 refused.').waitFor();
  await page.getByText('three: This run is the baseline').waitFor();
  await expect.poll(shownNames).toEqual(['three', 'two', 'one']);
  expect(await barriers(page)).toEqual([]);

  await page.getByRole('button', { name: 'Archive', exact: true }).click();
  await expect.poll(shownNames).toEqual(['two', 'one']);
  await page.getByLabel('Archived').click();
  await expect.poll(shownNames).toEqual(['three']);
});

it('renames a run, gives it tags and a note, and retries it', async () => {
  await page.goto(runsPage());
  await page.getByRole('link', { name: 'one', exact: true }).click();
  await page.getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit run' });
  // What was cancelled is gone, and what somebody else changed while one typed is not undone.
  await dialog.getByLabel('Note').fill('not this');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByLabel('Name').fill('typed');
  const { items } = (await platform.api.get('/runs?search=one')) as { items: { id: string }[] };
  const id = items[0]?.id ?? '';
  await platform.api.send('PATCH', `/runs/${id}`, { addTags: ['theirs'] });
  await page.locator('.head .tag', { hasText: 'theirs' }).waitFor();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'typed' }).waitFor();
  const saved = await platform.api.get(`/runs/${id}`);
  expect([saved.notes, saved.tags]).toEqual(['', expect.arrayContaining(['theirs'])]);
  await page.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByLabel('Name').fill('');
  await dialog.getByLabel('Name').fill('første ✓');
  await dialog.getByLabel('Tags').fill('a, b,, a');
  await dialog.getByLabel('Note').fill('why this one matters');
  expect(await barriers(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'første ✓' }).waitFor();
  await page.locator('.note', { hasText: 'why this one matters' }).waitFor();
  await page.goto(runsPage());
  await page.getByRole('img', { name: 'Note: why this one matters' }).waitFor();
  await page.getByLabel('Select første ✓').check();
  await page.getByRole('button', { name: 'Retry' }).click();
  await expect.poll(shownNames).toEqual(['første ✓', 'two', 'første ✓']);
  expect(browser.complaints.filter((each) => !each.includes('409'))).toEqual([]);
});

it('stays where one scrolls to in a long list', async () => {
  const db = openDb({ url: platform.databaseUrl });
  const copied = `(jsonb_populate_record(run, jsonb_build_object('id', 'run_' || gen_random_uuid(), 'name', 'copy ' || n))).*`;
  await db.pool.query(`INSERT INTO run SELECT ${copied} FROM run, generate_series(1, 1000) AS n WHERE name = 'two'`);
  await db.pool.query(
    `INSERT INTO run_progress (run_id, organisation_id, total_steps, total_epochs)
     SELECT id, organisation_id, 1, 1 FROM run ON CONFLICT DO NOTHING`,
  );
  await db.close();
  await page.goto(runsPage('?sort=name'));
  await page.getByText('1,003 runs').waitFor();
  const list = page.locator('.grid-rows');
  const before = await list.elementHandle();
  await list.evaluate((element) => element.scrollTo({ top: element.scrollHeight / 2 }));
  // The rows there come, in the list that was scrolled.
  await expect
    .poll(async () => (await page.locator('.grid-row').first().getAttribute('aria-rowindex')) ?? '')
    .toMatch(/^[45]\d\d$/);
  await expect.poll(shownNames).toContain('copy 550');
  expect(await before?.evaluate((element) => element.isConnected)).toBe(true);
});
