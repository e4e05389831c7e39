import type { RunCheckpoint, RunDetail } from '@lockstep/contracts';
import { createSession } from '@lockstep/engine/native';
import { inputAffine, parseSafetensors } from '@lockstep/engine/train';
import { readSamples, resolveDatasetHere } from '@lockstep/trainer/datasets';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Platform } from '../../../tools/services/platform.mjs';
import { readSettings } from '../src/env.js';
import { barriers, type Dashboard, openSettled, startDashboard, type WatchedBrowser } from './browser.js';

let dashboard: Dashboard;
let platform: Platform;
let browser: WatchedBrowser;
let runId: string;
let base: string;

const specText = (epochs: number): string =>
  `dataset: mnist\nmodel: {preset: lenet5}\ntraining: {epochs: ${epochs}, batchSize: 64}\n`;
const launch = async (name: string, spec: string): Promise<string> =>
  String((await platform.api.send('POST', '/runs', { project: 'digits', name, spec })).id);
const runNow = async () => (await platform.api.get(`/runs/${runId}`)) as unknown as RunDetail;

beforeAll(async () => {
  dashboard = await startDashboard();
  ({ platform, browser } = dashboard);
  runId = await launch('thinker', specText(3));
  base = `/lab/digits/runs/${runId}`;
  const options = { timeout: 180_000, interval: 500 };
  await vi.waitFor(async () => expect((await runNow()).state).toBe('completed'), options);
});

afterAll(() => dashboard?.close());

/** What the page says of each class, unrounded. */
const probabilitiesOn = (page: Page): Promise<number[]> =>
  page
    .getByRole('region', { name: 'Class probabilities' })
    .evaluate((region) => [...region.querySelectorAll('progress')].map(({ value }) => value));

const verdict = (page: Page) => page.locator('.answer');

/** Draws from place to place; 1 is the side of the drawing area. */
async function draw(page: Page, places: readonly (readonly [number, number])[]): Promise<void> {
  const box = await page.locator('.pad canvas').boundingBox();
  if (box === null) throw new Error('there is no drawing area');
  const at = ([x, y]: readonly [number, number]): [number, number] => [box.x + x * box.width, box.y + y * box.height];
  const [first, ...others] = places;
  if (first === undefined) return;
  await page.mouse.move(...at(first));
  await page.mouse.down();
  for (const place of others) await page.mouse.move(...at(place), { steps: 6 });
  await page.mouse.up();
}

/** What the native kernels, which `lockstep predict` uses, say of a test picture. */
async function nativeProbabilities(index: number): Promise<number[]> {
  const { resolvedSpec: spec, id } = await runNow();
  const { items } = (await platform.api.get(`/runs/${id}/checkpoints`)) as { items: RunCheckpoint[] };
  const shown = items.find(({ best }) => best) ?? items[0];
  const model = await fetch(
    `${platform.url}/api/v1/runs/${id}/checkpoints/${shown?.id}/download?file=model.safetensors`,
    { headers: { authorization: `Bearer ${platform.account.token}` } },
  );
  const { tensors } = parseSafetensors(new Uint8Array(await model.arrayBuffer()), 'model.safetensors');
  const { validation } = await resolveDatasetHere('mnist', readSettings());
  const { bytes } = await readSamples(validation, { offset: index, count: 1 });
  const { scale, shift } = inputAffine(spec.input, spec.data.dtype);
  const x = Float32Array.from(bytes, (value) => Math.fround(value * (scale[0] ?? 1)) + (shift[0] ?? 0));
  const shards = { trainShard: null, validationShard: null };
  const session = await createSession({ spec, ...shards, rank: 0, worldSize: 1, threads: 1, communicator: null });
  try {
    session.load(tensors);
    return Array.from(await session.predict(x, 1), Math.exp);
  } finally {
    await session.close();
  }
}

describe('See it think', () => {
  it('is found on a finished run, and knows a drawn digit while it is drawn', async () => {
    const { page, context } = await dashboard.signedIn();
    await page.goto(base);
    await page.getByRole('link', { name: 'See it think' }).click();
    await page.waitForURL((url) => url.pathname === `${base}/think`);
    await verdict(page).waitFor();
    // A stroke downwards, by the mouse: the model has learnt from people who write a 1 like that.
    await draw(page, [
      [0.52, 0.2],
      [0.48, 0.8],
    ]);
    await expect.poll(() => verdict(page).textContent()).toMatch(/^It says 1, /);
    await expect.poll(async () => (await probabilitiesOn(page))[1]).toBeGreaterThan(0.5);
    const drawn = await probabilitiesOn(page);
    expect(drawn).toHaveLength(10);
    expect(drawn.indexOf(Math.max(...drawn))).toBe(1);
    expect(drawn.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Draw here').waitFor();
    await expect.poll(() => probabilitiesOn(page)).not.toEqual(drawn);
    await expect.poll(() => verdict(page).textContent()).toMatch(/^Of an empty picture/);
    // Every layer of the model, and the input.
    const { resolvedSpec } = await runNow();
    expect(await page.locator('.layer').count()).toBe(resolvedSpec.graph.nodes.length + 1);
    expect(browser.complaints).toEqual([]);
    await context.close();
  });

  it('gives a test picture the probabilities that the native kernels give it', async () => {
    const { page, context } = await dashboard.signedIn();
    await page.goto(`${base}/think`);
    for (const index of [3, 12]) {
      if (index >= 10) await page.getByRole('button', { name: 'Another ten' }).click();
      // By the keyboard.
      await page.getByRole('button', { name: `Picture ${index}` }).focus();
      await page.keyboard.press('Enter');
      const expected = await nativeProbabilities(index);
      await expect
        .poll(async () => {
          const shown = await probabilitiesOn(page);
          return Math.max(...expected.map((value, position) => Math.abs(value - (shown[position] ?? 2))));
        })
        .toBeLessThan(1e-6);
      const label = await page.locator('.pictures [aria-pressed="true"] .mono').textContent();
      expect(await verdict(page).textContent()).toMatch(new RegExp(`label( is ${label})?\\.$`));
    }
    // Each value can be read, by keys and by pointing at it.
    const conv = page.getByRole('slider', { name: 'Values of conv1' });
    await conv.focus();
    await page.keyboard.press('ArrowDown');
    expect(await conv.getAttribute('aria-valuetext')).toMatch(/^map 0, row 1, column 0: -?\d/);
    await page.getByRole('slider', { name: 'Values of fc1' }).hover({ position: { x: 3, y: 3 } });
    await page.getByText(/^unit 0: -?\d/).waitFor();
    expect(browser.complaints).toEqual([]);
    await context.close();
  });

  it('says why there is nothing to see', async () => {
    const { page, context } = await dashboard.signedIn();
    const other = await launch('unfinished', specText(500));
    await page.goto(`/lab/digits/runs/${other}/think`);
    await page.getByText('The run has not ended yet.').waitFor();
    await page.goto(`/lab/digits/runs/${other}`);
    expect(await page.getByRole('link', { name: 'See it think' }).count()).toBe(0);
    await platform.api.send('POST', `/runs/${other}/cancel`);
    // A model that cannot be read is told, and nothing is claimed.
    await page.route('**/checkpoints/**', (route) => route.fulfill({ status: 200, body: 'not a model' }));
    await page.goto(`${base}/think`);
    await page.getByRole('alert').filter({ hasText: 'damaged or not safetensors' }).waitFor();
    expect(await verdict(page).count()).toBe(0);
    expect(browser.complaints).toEqual([]);
    await context.close();
  });
});

it('shows a dataset: its schema, where it is from, and its samples', async () => {
  const { page, context } = await dashboard.signedIn();
  await page.goto('/lab/datasets');
  await page.getByRole('link', { name: 'mnist' }).click();
  await page.getByText('60,000', { exact: true }).waitFor();
  await page.getByText('CC BY-SA 3.0').waitFor();
  await page.getByText('6,742').waitFor();
  const firstLabels = () => page.locator('.pictures .mono').allTextContents();
  await page.getByLabel('Sample 0', { exact: true }).waitFor();
  expect((await firstLabels()).slice(0, 5)).toEqual(['5', '0', '4', '1', '9']);
  const bright = await page.getByLabel('Sample 0', { exact: true }).evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    return Math.max(...[...data].filter((_, index) => index % 4 === 0));
  });
  expect(bright).toBe(255);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Sample 50', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await page.getByLabel('Sample 0', { exact: true }).waitFor();
  await expect.poll(async () => (await firstLabels()).slice(0, 5)).toEqual(['7', '2', '1', '0', '4']);
  expect(browser.complaints).toEqual([]);
  await context.close();
});

it.each([
  ['dark', 1440],
  ['light', 1440],
  ['dark', 390],
  ['light', 390],
] as const)('has no barrier and nothing beside the screen: %s, %d px', async (colorScheme, width) => {
  const { page, context } = await dashboard.signedIn({ colorScheme, width });
  await page.goto('/lab/datasets');
  const dataset = (await page.getByRole('link', { name: 'mnist' }).getAttribute('href')) ?? '';
  const found: Record<string, string[]> = {};
  for (const [path, sign] of [
    [`${base}/think`, '.layers'],
    [dataset, '.pictures'],
    [base, '#weights-digest'],
  ] as const) {
    await openSettled(page, path);
    await page.locator(sign).waitFor();
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    found[path] = [...(await barriers(page)), ...(tooWide > 0 ? [`${tooWide} px too wide`] : [])];
  }
  expect(Object.fromEntries(Object.entries(found).filter(([, all]) => all.length > 0))).toEqual({});
  expect(browser.complaints).toEqual([]);
  await context.close();
});
