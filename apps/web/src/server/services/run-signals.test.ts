import { describe, expect, it } from 'vitest';
import { RunSignals } from './run-signals.js';

describe('news of runs', () => {
  it('wake who waits for this run, and nobody else', async () => {
    const signals = new RunSignals();
    const [one, other] = [signals.watch('a'), signals.watch('b')];
    let otherWoke = false;
    const abort = new AbortController();
    const sleeping = other.news(60_000, abort.signal).then(() => {
      otherWoke = true;
    });
    const waiting = one.news(60_000);
    signals.notify('a');
    await waiting;
    expect(otherWoke).toBe(false);
    abort.abort();
    await sleeping;
  });

  it('are not missed between a look and the wait, and told once', async () => {
    const signals = new RunSignals();
    const watch = signals.watch('a');
    signals.notify('a');
    await watch.news(60_000);
    let woke = false;
    const again = watch.news(60_000).then(() => {
      woke = true;
    });
    await Promise.resolve();
    expect(woke).toBe(false);
    signals.notifyAll();
    await again;
  });

  it('do not wake a watch that was closed', async () => {
    const signals = new RunSignals();
    const watch = signals.watch('a');
    watch.close();
    signals.notify('a');
    const abort = new AbortController();
    const waiting = watch.news(60_000, abort.signal);
    abort.abort();
    await waiting;
  });
});
