import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../../tools/lib/requirements.mjs';
import { type Platform, removePlatform, startPlatform } from '../../../tools/services/platform.mjs';

/** A browser whose pages tell what no page may do: errors in the console, requests to anybody else. */
export interface WatchedBrowser {
  open(options?: { width?: number; colorScheme?: 'dark' | 'light' }): Promise<{ context: BrowserContext; page: Page }>;
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

async function startBrowser(baseURL: string): Promise<WatchedBrowser> {
  const executablePath = findChromium();
  if (executablePath === null)
    throw new Error('There is no Chromium. apt-get install chromium, or set LOCKSTEP_CHROMIUM.');
  const isRoot = process.getuid?.() === 0;
  const browser: Browser = await chromium.launch({ executablePath, args: isRoot ? ['--no-sandbox'] : [] });
  const complaints: string[] = [];
  return {
    complaints,
    close: () => browser.close(),
    open: async ({ width = 1440, colorScheme = 'dark' } = {}) => {
      const context = await browser.newContext({ baseURL, colorScheme, viewport: { width, height: 900 } });
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`${page.url()}: ${message.text()}`);
      });
      page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
      page.on('request', (request) => {
        const url = request.url();
        if (!url.startsWith(baseURL) && !url.startsWith('data:')) complaints.push(`${page.url()} asked for ${url}`);
      });
      return { context, page };
    },
  };
}

/** What the page does wrong for people who see or type differently. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: present } = window as unknown as { axe: typeof axe };
    const { violations } = await present.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  });
}

/** Goes to a page and waits until it has read what it shows. A live page is never without a connection. */
export async function openSettled(page: Page, path: string): Promise<void> {
  await page.goto(path, { waitUntil: 'load' });
  await page.waitForFunction(
    () =>
      document.querySelector('[data-live="connecting"], [aria-busy="true"]') === null &&
      !(document.querySelector('main')?.textContent ?? '').includes('Reading '),
  );
}

export interface Account {
  readonly email: string;
  readonly password: string;
}

/** By the form, as anybody does it. */
export async function signIn(page: Page, { email, password }: Account): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Organisations', exact: true }).waitFor();
}

/** The whole service, and a browser for it. */
export interface Dashboard {
  readonly platform: Platform;
  readonly browser: WatchedBrowser;
  /** A browser of its own, signed in; by default as the owner. */
  signedIn(
    options?: Parameters<WatchedBrowser['open']>[0] & { as?: Account },
  ): Promise<{ context: BrowserContext; page: Page }>;
  /** Stops everything and removes what it wrote. */
  close(): Promise<void>;
}

export async function startDashboard({ nodes = 1 }: { nodes?: number } = {}): Promise<Dashboard> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-dashboard-'));
  const service = join(folder, 'service');
  const platform = await startPlatform(service, { nodes });
  const remove = async (): Promise<void> => {
    await platform.stop();
    await removePlatform(service);
    rmSync(folder, { recursive: true, force: true });
  };
  const browser = await startBrowser(platform.url).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    platform,
    browser,
    signedIn: async ({ as = platform.account, ...options } = {}) => {
      const opened = await browser.open(options);
      await signIn(opened.page, as);
      return opened;
    },
    close: async () => {
      await browser.close();
      await remove();
    },
  };
}
