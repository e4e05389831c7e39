import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.mjs';

describe('withLock', () => {
  let folder;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('runs one at a time', async () => {
    const file = join(folder, 'lock');
    const events = [];
    let release;
    const first = withLock(file, () => {
      events.push('first begins');
      return new Promise((resolve) => {
        release = resolve;
      }).then(() => events.push('first ends'));
    });
    const second = withLock(
      file,
      async () => events.push('second'),
      () => release(),
    );
    await Promise.all([first, second]);
    expect(events).toEqual(['first begins', 'first ends', 'second']);
    expect(existsSync(file)).toBe(false);
  });

  it('takes over from an owner that is gone', async () => {
    const file = join(folder, 'lock');
    // Larger than any process id that Linux gives out.
    writeFileSync(file, '99999999');
    expect(await withLock(file, async () => 'done')).toBe('done');
  });

  it('takes over a file that its process left empty, as on a full disk', async () => {
    const file = join(folder, 'lock');
    writeFileSync(file, '');
    const longAgo = Date.now() / 1000 - 60;
    utimesSync(file, longAgo, longAgo);
    expect(await withLock(file, async () => 'done')).toBe('done');
  });

  it('lets go after a failure', async () => {
    const file = join(folder, 'lock');
    await expect(
      withLock(file, async () => {
        throw new Error('broken');
      }),
    ).rejects.toThrow('broken');
    expect(existsSync(file)).toBe(false);
  });
});
