import { openDb } from '@lockstep/db';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Platform } from '../../../tools/services/platform.mjs';
import { barriers, type Dashboard, openSettled, signIn, startDashboard, type WatchedBrowser } from './browser.js';

let dashboard: Dashboard;
let platform: Platform;
let browser: WatchedBrowser;

beforeAll(async () => {
  dashboard = await startDashboard({ nodes: 2 });
  ({ platform, browser } = dashboard);
});

afterAll(() => dashboard?.close());

/** Points of a chart, as its caption counts them. */
async function pointsOf(page: Page, chart: string): Promise<number> {
  const caption = (await page.getByRole('region', { name: chart, exact: true }).locator('header').textContent()) ?? '';
  return Number(/of ([\d,]+) points/.exec(caption)?.[1]?.replaceAll(',', '') ?? 0);
}

/** The run that a run is a clone of, as its lineage has it. */
async function clonedFrom(runId: string): Promise<string | undefined> {
  const db = openDb({ url: platform.databaseUrl });
  const found = await db.prisma.lineage.findFirst({ where: { toId: runId, relation: 'cloned' } });
  await db.close();
  return found?.fromId;
}

const launchHere = (page: Page) => page.getByRole('link', { name: 'Launch run' });

it('goes from an invitation to a trained model, a comparison and a token, in the browser alone', async () => {
  const owner = (await dashboard.signedIn()).page;
  await owner.goto('/lab/members');
  await owner.getByLabel('E-mail').fill('ada@example.com');
  await owner.getByRole('button', { name: 'Invite' }).click();
  const invitation = /http\S+/.exec((await owner.getByText('Send this link').textContent()) ?? '')?.[0] ?? '';

  // The one who was invited signs up and lands in the organisation.
  const { context, page } = await browser.open({ colorScheme: 'light' });
  await page.goto(invitation);
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password').fill('a long enough password');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByRole('link', { name: /^Lab/ }).click();
  await page.getByRole('navigation', { name: 'Projects' }).getByRole('link', { name: 'Digits' }).click();

  // A wrong field is told at the field, and nothing can be launched.
  await launchHere(page).first().click();
  await page.getByText('22,278').waitFor();
  // What is typed before the page is alive is lost.
  await expect.poll(() => page.getByRole('button', { name: 'Launch run' }).isEnabled()).toBe(true);
  await page.getByLabel('Epochs').fill('0');
  await page.getByText('expected a number at least 1, got 0.').first().waitFor();
  expect(await page.getByRole('button', { name: 'Launch run' }).isDisabled()).toBe(true);
  await page.getByLabel('Epochs').fill('12');
  await page.getByLabel('Name (optional)').fill('first');
  await page.getByLabel('Workers').fill('2');
  // The draft survives a reload.
  await page.reload();
  await expect.poll(() => page.getByLabel('Epochs').inputValue()).toBe('12');
  await page.getByRole('button', { name: 'Launch run' }).dblclick();
  await page.waitForURL(/\/runs\/run_/);

  // Points come while it trains, without a reload.
  await page.getByRole('heading', { name: 'first' }).waitFor();
  await expect.poll(() => pointsOf(page, 'Loss'), { timeout: 60_000 }).toBeGreaterThan(0);
  const before = await pointsOf(page, 'Loss');
  await expect.poll(() => pointsOf(page, 'Loss'), { timeout: 60_000 }).toBeGreaterThan(before);
  const state = page.locator('.head .state');
  await expect.poll(() => state.textContent(), { timeout: 120_000 }).toBe('completed');
  const digest = page.locator('#weights-digest');
  expect(await digest.textContent()).toMatch(/^[0-9a-f]{64}$/);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page
      .getByRole('link', { name: /^Model/ })
      .first()
      .click(),
  ]);
  expect(download.suggestedFilename()).toBe('model.safetensors');
  const runPage = page.url();

  // The same run on one worker has the same bits.
  await page.getByRole('link', { name: 'Clone' }).click();
  await page.getByText(/An epoch takes about .* it did in/).waitFor();
  await page.getByLabel('Name (optional)').fill('second');
  await page.getByLabel('Workers').fill('1');
  await page.getByRole('button', { name: 'Launch run' }).click();
  await page.waitForURL((url) => /\/runs\/run_/.test(url.pathname) && url.href !== runPage);
  await expect.poll(() => state.textContent(), { timeout: 120_000 }).toBe('completed');
  const idOf = (url: string): string => new URL(url).pathname.split('/').at(-1) ?? '';
  expect(await clonedFrom(idOf(page.url()))).toBe(idOf(runPage));
  await page.getByRole('navigation', { name: 'Projects' }).getByRole('link', { name: 'Digits' }).click();
  await page.getByLabel('Select first').check();
  await page.getByLabel('Select second').check();
  // Two clicks launched one run.
  expect(await page.getByRole('link', { name: 'first', exact: true }).count()).toBe(1);
  await page.getByRole('link', { name: 'Compare 2' }).click();
  await page.getByText('same weights, bit for bit').waitFor();

  // A token of hers works until it is revoked.
  await page.getByRole('link', { name: 'Tokens' }).click();
  await page.getByLabel('Name').fill('script');
  await page.getByRole('button', { name: 'Create token' }).click();
  const made = page.getByRole('region', { name: 'Your new token' });
  const secret = (await made.getByText(/^lst_\w+$/).textContent()) ?? '';
  const me = () => fetch(`${platform.url}/api/v1/me`, { headers: { authorization: `Bearer ${secret}` } });
  expect((await me()).status).toBe(200);
  const spec = { dataset: 'mnist', model: { preset: 'softmax-regression' }, training: { epochs: 1 } };
  const launch = () =>
    fetch(`${platform.url}/api/v1/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ project: 'digits', name: 'third', spec }),
    });
  expect((await launch()).status).toBe(201);
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.getByRole('button', { name: 'Revoke token' }).click();
  await page.getByText(/^revoked/).waitFor();
  expect((await me()).status).toBe(401);
  expect((await launch()).status).toBe(401);

  // Somebody who belongs to nothing here sees nothing.
  const stranger = (await browser.open()).page;
  await stranger.goto('/sign-up');
  await stranger.getByLabel('Name').fill('Eve');
  await stranger.getByLabel('E-mail').fill('eve@example.com');
  await stranger.getByLabel('Password').fill('another long password');
  await stranger.getByRole('button', { name: 'Sign up' }).click();
  await stranger.getByRole('heading', { name: 'Name your organisation' }).waitFor();
  expect(browser.complaints).toEqual([]);
  const answer = await stranger.request.get(runPage);
  expect(answer.status()).toBe(404);
  await context.close();
});

it.each([
  ['dark', 1440],
  ['light', 1440],
  ['dark', 390],
  ['light', 390],
] as const)('has no barrier and nothing beside the screen: %s, %d px', async (colorScheme, width) => {
  const { page, context } = await browser.open({ colorScheme, width });
  await page.goto('/sign-in');
  const found: Record<string, string[]> = { '/sign-in': await barriers(page) };
  await signIn(page, platform.account);
  await page.goto('/lab/digits/runs');
  const first = page.locator('tbody a').first();
  const run = (await first.getAttribute('href')) ?? '';
  await page.locator('tbody a').nth(1).waitFor();
  const links = await page.locator('tbody a').all();
  const ids = await Promise.all(links.map(async (link) => (await link.getAttribute('href'))?.split('/').at(-1)));
  const paths = [
    '/',
    '/lab',
    '/lab/digits/runs',
    '/lab/digits/launch',
    `/lab/digits/compare?runs=${ids.join(',')}`,
    run,
  ];
  for (const path of [
    ...paths,
    '/lab/projects',
    '/lab/digits/compare',
    '/lab/nodes',
    '/lab/datasets',
    '/lab/tokens',
    '/lab/members',
  ]) {
    await openSettled(page, path);
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    found[path] = [...(await barriers(page)), ...(tooWide > 0 ? [`${tooWide} px too wide`] : [])];
  }
  expect(Object.fromEntries(Object.entries(found).filter(([, all]) => all.length > 0))).toEqual({});
  expect(browser.complaints).toEqual([]);
  await context.close();
});
