import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Platform } from '../../../tools/services/platform.mjs';
import { barriers, type Dashboard, openSettled, signIn, startDashboard, type WatchedBrowser } from './browser.js';

let dashboard: Dashboard;
let platform: Platform;
let browser: WatchedBrowser;

beforeAll(async () => {
  dashboard = await startDashboard();
  ({ platform, browser } = dashboard);
});

afterAll(() => dashboard?.close());

const eve = { email: 'eve@example.com', password: 'a long enough password' };

it('invites a viewer, who cannot launch until a role allows it', async () => {
  const owner = (await dashboard.signedIn()).page;
  await owner.goto('/lab/members');
  await owner.getByLabel('E-mail').fill(eve.email);
  await owner.locator('select[name=role]').selectOption('viewer');
  await owner.getByRole('button', { name: 'Invite' }).click();
  const invitation = /http\S+/.exec((await owner.getByText('Send this link').textContent()) ?? '')?.[0] ?? '';
  await owner.getByRole('cell', { name: eve.email }).waitFor();

  const { page } = await browser.open();
  await page.goto(invitation);
  await page.getByLabel('Name').fill('Eve');
  await page.getByLabel('E-mail').fill(eve.email);
  await page.getByLabel('Password').fill(eve.password);
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByRole('link', { name: /^Lab/ }).waitFor();
  await page.goto('/lab/digits/runs');
  await page.getByRole('heading', { name: 'Runs' }).waitFor();
  expect(await page.getByRole('link', { name: /^Launch/ }).count()).toBe(0);
  await page.goto('/lab/digits/launch');
  await page
    .getByText(/viewer/)
    .first()
    .waitFor();
  expect(await page.getByRole('button', { name: 'Launch run' }).count()).toBe(0);
  await page.goto('/lab/members');
  expect(
    await page
      .getByRole('button')
      .filter({ hasText: /Remove|Invite|Password/ })
      .count(),
  ).toBe(0);

  await owner.reload();
  await owner.getByLabel('Role of Eve').selectOption('member');
  await expect.poll(() => owner.getByLabel('Role of Eve').isEnabled()).toBe(true);
  await page.goto('/lab/digits/runs');
  await page
    .getByRole('link', { name: /^Launch/ })
    .first()
    .waitFor();
  // An organisation keeps an owner.
  await owner.getByLabel(/^Role of (?!Eve)/).selectOption('viewer');
  await owner.getByText('Make somebody else owner first').waitFor();
  expect(browser.complaints.filter((each) => !each.includes('409') && !each.includes('422'))).toEqual([]);
});

it('ends sessions by a list, by a new password and by a link', async () => {
  const first = await dashboard.signedIn({ as: eve });
  const second = await dashboard.signedIn({ as: eve });
  await first.page.goto('/account');
  const sessions = first.page.getByRole('region', { name: 'Sessions' });
  await sessions.getByText('this one').waitFor();
  await sessions.getByRole('button', { name: 'End all others' }).click();
  await expect.poll(() => sessions.getByRole('button', { name: 'End', exact: true }).count()).toBe(0);
  // Whoever signs in again comes back to what they had asked for, whole.
  await second.page.goto('/lab/projects?a=b%2Cc&x=1..2');
  await second.page.waitForURL(/sign-in/);
  await second.page.getByLabel('E-mail').fill(eve.email);
  await second.page.getByLabel('Password').fill(eve.password);
  await second.page.getByRole('button', { name: 'Sign in' }).click();
  await second.page.waitForURL('**/lab/projects?a=b%2Cc&x=1..2');

  await first.page.getByLabel('Current password').fill(eve.password);
  await first.page.locator('input[name=new]').fill('another long password');
  await first.page.locator('input[name=again]').fill('a third long password');
  await first.page.getByRole('button', { name: 'Change password' }).click();
  await first.page.getByText('not typed the same twice').waitFor();
  await first.page.locator('input[name=again]').fill('another long password');
  await first.page.getByRole('button', { name: 'Change password' }).click();
  await first.page.getByText('Changed.').waitFor();

  const owner = (await dashboard.signedIn()).page;
  await owner.goto('/lab/members');
  await owner.getByRole('row', { name: /Eve/ }).getByRole('button', { name: 'Password link' }).click();
  const link = (await owner.locator('code').filter({ hasText: 'reset-password' }).textContent()) ?? '';
  const { page } = await browser.open();
  await page.goto(link);
  await page.getByLabel('New password').fill(eve.password);
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('Your new password is set').waitFor();
  await first.page.goto('/account');
  await first.page.waitForURL(/sign-in/);
  await signIn(page, eve);
  await page.goto('about:blank');
  await page.goto(link);
  await page.getByLabel('New password').fill('once more, please');
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('Ask an admin of your organisation for another link').waitFor();
});

it.each([
  ['dark', 1440],
  ['light', 390],
] as const)('has no barrier: %s, %d px', async (colorScheme, width) => {
  const { page, context } = await browser.open({ colorScheme, width });
  const found: Record<string, string[]> = {};
  const look = async (path: string): Promise<void> => {
    await openSettled(page, path);
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    const all = [...(await barriers(page)), ...(tooWide > 0 ? [`${tooWide} px too wide`] : [])];
    if (all.length > 0) found[path] = all;
  };
  for (const path of ['/reset-password', '/reset-password#lsr_x', '/sign-up']) await look(path);
  await signIn(page, platform.account);
  for (const path of ['/account', '/lab/members', '/sign-up']) await look(path);
  await page.goto('/lab/members');
  await page
    .getByRole('button', { name: /^(Remove|Leave)$/ })
    .first()
    .click();
  await page.getByRole('dialog').waitFor();
  found.dialog = await barriers(page);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  expect(found).toEqual({ dialog: [] });
  await context.close();
});

it('makes a project whose address follows its name, and keeps a node from new ranks and back', async () => {
  const { page, context } = await dashboard.signedIn();
  await page.goto('/lab/projects');
  await page.getByLabel('Name').fill('Örtliche Züge');
  expect(await page.getByLabel('In addresses').inputValue()).toBe('ortliche-zuge');
  await page.getByLabel('In addresses').fill('nodes');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('this one is the address of a page').waitFor();
  await page.getByLabel('In addresses').fill('trains');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.waitForURL('**/lab/trains/runs');
  await page.getByRole('link', { name: 'Launch the first run' }).waitFor();

  await page.goto('/lab/nodes');
  const nodes = page.getByRole('region', { name: 'Nodes' });
  await nodes.getByRole('button', { name: 'Drain' }).click();
  await nodes.getByText('draining').waitFor();
  await nodes.getByRole('button', { name: 'Resume' }).click();
  await nodes.getByText('ready').waitFor();
  await page.getByLabel('Name of the node').fill('another');
  await page.getByRole('button', { name: 'Make credential' }).click();
  await page.getByText(/^lsn_\w+$/).waitFor();
  await nodes.getByText('not joined yet').waitFor();
  await nodes.getByRole('button', { name: 'Retire' }).last().click();
  await page.getByRole('button', { name: 'Retire node' }).click();
  await nodes.getByText('not joined yet').waitFor({ state: 'detached' });
  await context.close();
});

it('says what to do where a page cannot be made, and makes it when that is over', async () => {
  const { page, context } = await dashboard.signedIn();
  await platform.members.postgres?.stop();
  await page.goto('/lab/members');
  await page.getByRole('heading', { name: 'This page could not be made' }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await platform.members.postgres?.start();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'Members', exact: true }).waitFor();
  await context.close();
});
