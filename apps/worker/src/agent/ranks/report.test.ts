import { describe, expect, it } from 'vitest';
import { Report } from './report.js';

const forever = new AbortController().signal;

describe('the report of a rank', () => {
  it('wakes who waits for another status', async () => {
    const report = new Report();
    expect((await report.other('none', 60_000, forever)).status).toBe('starting');
    const waiting = report.other('starting', 60_000, forever);
    report.make({ status: 'ready' });
    expect((await waiting).status).toBe('ready');
  });

  it('keeps its last word', async () => {
    const report = new Report();
    report.make({ status: 'stopped' });
    report.make({ status: 'ready' });
    expect([report.current.status, report.isLast]).toEqual(['stopped', true]);
  });

  it('answers after the time, and lets go on abort', async () => {
    const report = new Report();
    expect((await report.other('starting', 1, forever)).status).toBe('starting');
    const abort = new AbortController();
    const waiting = report.other('starting', 60_000, abort.signal);
    abort.abort(new Error('over'));
    await expect(waiting).rejects.toThrow('over');
  });
});
