// What the measurements of pages share. tools/bench-pages.mjs gives them a service.
import { chromium } from 'playwright-core';

/** @type {{ url: string, databaseUrl: string, account: any, executablePath: string, rounds: number, seconds: number, count: number | null }} */
export const given = JSON.parse(process.env.LOCKSTEP_BENCH_PAGES ?? '{}');
const { url, account, executablePath } = given;

/** A call of the REST interface, as the owner. */
export async function api(method, path, body) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${account.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return response;
}

/** Trains something short to its end. @returns {Promise<string>} the id of the run */
export async function trained(name, spec) {
  const { id } = await (await api('POST', '/runs', { project: account.project, name, spec, workers: 1 })).json();
  for (let state = ''; state !== 'completed'; ) {
    ({ state } = await (await api('GET', `/runs/${id}/wait?timeoutSeconds=10`)).json());
  }
  return id;
}

/** A browser that has nothing of the pages, signed in. */
export async function withBrowser(work) {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath, args });
  try {
    return await work(async () => {
      const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 } });
      const { email, password } = account;
      await context.request.post('/api/auth/sign-in/email', { data: { email, password }, headers: { origin: url } });
      return context;
    });
  } finally {
    await browser.close();
  }
}

export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
  return { min: at(0), median: at(0.5), p95: at(0.95), max: at(1), count: values.length };
}

/** Milliseconds between frames while `move(elapsedMs)` is done with each of them, in the page. */
export function framesWhile(page, milliseconds, move) {
  return page.evaluate(
    ({ milliseconds: length, source }) =>
      new Promise((resolve) => {
        const step = new Function(`return (${source})`)();
        const times = [];
        const begun = performance.now();
        const frame = (now) => {
          times.push(now);
          step(now - begun, length);
          if (now - begun < length) requestAnimationFrame(frame);
          else resolve(times.slice(1).map((time, index) => time - times[index]));
        };
        requestAnimationFrame(frame);
      }),
    { milliseconds, source: String(move) },
  );
}
