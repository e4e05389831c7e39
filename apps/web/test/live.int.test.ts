import type { BrowserContext, Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { rankProcesses } from '../../../tools/acceptance/processes.mjs';
import type { Platform } from '../../../tools/services/platform.mjs';
import { type Account, type Dashboard, startDashboard } from './browser.js';
import { Person } from './client.js';

const slow = { timeout: 60_000 };
let dashboard: Dashboard;
let platform: Platform;
let owner: Person;

beforeAll(async () => {
  dashboard = await startDashboard();
  ({ platform } = dashboard);
  owner = (await Person.signIn(platform.url, platform.account)).person;
});

afterAll(() => dashboard?.close());

async function launch(name: string, epochs: number): Promise<{ id: string; path: string }> {
  const spec = { dataset: 'mnist', model: { preset: 'lenet5' }, training: { epochs, batchSize: 64 } };
  const { id } = await platform.api.send('POST', '/runs', { project: 'digits', name, spec });
  launched.push(String(id));
  return { id: String(id), path: `/lab/digits/runs/${id}` };
}

/** Each test has the node for itself. */
const launched: string[] = [];
afterEach(async () => {
  for (const id of launched.splice(0)) {
    await platform.api.send('POST', `/runs/${id}/cancel`);
    await expect.poll(async () => (await platform.api.get(`/runs/${id}`)).finishedAt, slow).not.toBeNull();
  }
});

const status = (page: Page) => page.locator('[data-live]');
const isLive = (page: Page) => expect.poll(() => status(page).textContent(), slow).toBe('Live');
const stateOf = (page: Page) => page.locator('.head .state').textContent();

/** Points of a chart, as its caption counts them. */
async function pointsOf(page: Page): Promise<number> {
  const caption = await page.getByRole('region', { name: 'Loss', exact: true }).locator('header').textContent();
  return Number(/of ([\d,]+) points/.exec(caption ?? '')?.[1]?.replaceAll(',', '') ?? 0);
}

async function grows(page: Page): Promise<void> {
  const before = await pointsOf(page);
  await expect.poll(() => pointsOf(page), slow).toBeGreaterThan(before);
}

/** Live streams that are open, by the tab that has them. */
function watchStreams(context: BrowserContext): { open(): Page[] } {
  const open = new Set<Request>();
  context.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/live') open.add(request);
  });
  context.on('requestfinished', (request) => open.delete(request));
  context.on('requestfailed', (request) => open.delete(request));
  // Of a tab that is closed, no end is told.
  return { open: () => [...open].map((request) => request.frame().page()).filter((page) => !page.isClosed()) };
}

it('has one stream a browser, however many tabs, and another tab takes over when its tab closes', async () => {
  const run = await launch('many-tabs', 1);
  // What pages then show comes of signals, and the machine is free for eight of them.
  await expect.poll(async () => (await platform.api.get(`/runs/${run.id}`)).state, slow).toBe('completed');
  const [one, other] = [await dashboard.signedIn(), await dashboard.signedIn()];
  const [streams, otherStreams] = [watchStreams(one.context), watchStreams(other.context)];
  await other.page.goto(run.path);
  const tabs = [one.page, ...(await Promise.all(Array.from({ length: 7 }, () => one.context.newPage())))];
  // Each of these shows the run's name.
  for (const [index, tab] of tabs.entries()) {
    await tab.goto([run.path, '/lab', '/lab/digits/runs'][index % 3] ?? '');
    await isLive(tab);
  }
  await isLive(other.page);
  expect([streams.open().length, otherStreams.open().length]).toEqual([1, 1]);

  // Every tab draws what comes by the one stream, much sooner than it would ask by itself.
  const rename = async (name: string, pages: Page[]): Promise<void> => {
    await owner.mutate('run.update', { organisation: 'lab', runId: run.id, name });
    await Promise.all(pages.map((page) => page.getByText(name, { exact: true }).first().waitFor({ timeout: 12_000 })));
  };
  await rename('renamed', [...tabs, other.page]);

  const [leader] = streams.open();
  await leader?.close();
  const rest = tabs.filter((tab) => tab !== leader);
  await expect.poll(() => streams.open().length, slow).toBe(1);
  expect(streams.open()[0]).not.toBe(leader);
  await rename('renamed again', rest);
  for (const tab of rest) expect(await status(tab).textContent()).toBe('Live');
  expect(streams.open()).toHaveLength(1);
  await Promise.all([one.context.close(), other.context.close()]);
});

/** Every point that the chart draws: `<series> <step>` -> value. */
async function drawn(page: Page): Promise<Record<string, number>> {
  const chart = page.getByRole('region', { name: 'Loss', exact: true });
  await chart.getByText('Numbers of Loss').click();
  const rows = await chart
    .locator('table tr')
    .evaluateAll((all) => all.map((row) => [...row.querySelectorAll('th, td')].map((cell) => cell.textContent ?? '')));
  const [head = [], ...body] = rows;
  return Object.fromEntries(
    body.flatMap(([step, ...values]) =>
      values.flatMap((value, index) => (value === '' ? [] : [[`${head[index + 1]} ${step}`, Number(value)]])),
    ),
  );
}

async function exported(runId: string): Promise<Record<string, number>> {
  const rows = (await platform.api.get(
    `/runs/${runId}/metrics/export?format=json&series=train/loss,val/loss`,
  )) as unknown as { series: string; step: number; value: number }[];
  return Object.fromEntries(rows.map(({ series, step, value }) => [`${series} ${step}`, value]));
}

it('ends with the whole curve after the network, the web process and the trainer were lost, and says so meanwhile', async () => {
  const { page, context } = await dashboard.signedIn();
  const run = await launch('disturbed', 15);
  await page.goto(run.path);
  await isLive(page);
  await expect.poll(() => pointsOf(page), slow).toBeGreaterThan(0);

  await context.setOffline(true);
  await expect.poll(() => status(page).textContent(), slow).toMatch(/^Reconnecting … shown as of \d\d:\d\d:\d\d UTC$/);
  // Something happens meanwhile.
  const { cursor: before } = await platform.api.get(`/runs/${run.id}`);
  await expect
    .poll(async () => (await platform.api.get(`/runs/${run.id}`)).cursor, slow)
    .toBeGreaterThan(Number(before) + 5);
  await context.setOffline(false);
  await isLive(page);
  await grows(page);

  await platform.members.web?.kill();
  await expect.poll(() => status(page).textContent(), slow).toMatch(/^Reconnecting/);
  await platform.members.web?.start();
  await isLive(page);
  await grows(page);

  const [rank] = rankProcesses(platform.members['node-1']?.pid() ?? 0);
  expect(rank).toBeGreaterThan(0);
  process.kill(rank as number, 'SIGKILL');
  await expect.poll(() => stateOf(page), slow).toBe('recovering');
  await expect.poll(() => stateOf(page), slow).toBe('training');
  await expect.poll(() => stateOf(page), { timeout: 300_000 }).toBe('completed');

  const wanted = await exported(run.id);
  expect(Object.keys(wanted).length).toBeGreaterThan(40);
  await expect.poll(() => pointsOf(page), slow).toBe(Object.keys(wanted).length);
  expect(await drawn(page)).toEqual(wanted);
  await context.close();
}, 600_000);

it('tells whoever was signed out within five seconds, keeps what it shows, and goes on after signing in', async () => {
  const { page, context } = await dashboard.signedIn();
  const run = await launch('watched', 400);
  await page.goto(run.path);
  const second = await context.newPage();
  await second.goto('/lab/nodes');
  await isLive(page);
  await isLive(second);
  await expect.poll(() => pointsOf(page), slow).toBeGreaterThan(0);

  await owner.mutate('account.revokeOtherSessions');
  const notice = page.getByRole('alert', { name: 'Not live' });
  await Promise.all([
    notice.getByText('You are signed out.').waitFor({ timeout: 5000 }),
    second.getByText('You are signed out.').waitFor({ timeout: 5000 }),
  ]);
  expect(await status(page).textContent()).toBe('Signed out');
  expect(await pointsOf(page)).toBeGreaterThan(0);
  expect(await page.getByRole('heading', { name: 'watched' }).isVisible()).toBe(true);

  await notice.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('E-mail').fill(platform.account.email);
  await page.getByLabel('Password').fill(platform.account.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'watched' }).waitFor();
  await isLive(page);
  // The tab that was left open is live again by the new session.
  await isLive(second);
  await context.close();
});

it('tells whoever was removed from the organisation within five seconds', async () => {
  const ada: Account = { email: 'ada@example.com', password: 'a long enough password' };
  const { secret } = (
    await owner.mutate('organisation.invite', { organisation: 'lab', email: ada.email, role: 'member' })
  ).body;
  await Person.signUp(platform.url, { name: 'Ada', ...ada, invitation: secret });
  const { page, context } = await dashboard.signedIn({ as: ada });
  const run = await launch('seen', 1);
  await page.goto(run.path);
  await isLive(page);
  await page.getByRole('heading', { name: 'seen' }).waitFor();
  const { items } = (await owner.query('organisation.members', { organisation: 'lab' })).body;
  const { userId } = items.find(({ email }: Account) => email === ada.email);
  await owner.mutate('organisation.setMemberRole', { organisation: 'lab', userId, role: null });
  await page.getByText('You are no longer a member of Lab.').waitFor({ timeout: 5000 });
  expect(await status(page).textContent()).toBe('No access');
  expect(await page.getByRole('heading', { name: 'seen' }).isVisible()).toBe(true);
  await context.close();
});
