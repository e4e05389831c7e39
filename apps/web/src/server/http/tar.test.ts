import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type TarEntry, tarArchive, tarBytes } from './tar.js';

function entry(name: string, content: string): TarEntry {
  const bytes = Buffer.from(content);
  return {
    name,
    bytes: bytes.length,
    modifiedAt: new Date(1e12),
    open: async function* () {
      yield bytes.subarray(0, 3);
      yield bytes.subarray(3);
    },
  };
}

async function archiveOf(entries: TarEntry[]): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of tarArchive(entries)) parts.push(part);
  return Buffer.concat(parts);
}

it('is read by tar, and as long as was said', async () => {
  const entries = [entry('model.safetensors', 'x'.repeat(1000)), entry('empty', ''), entry('manifest.json', '{"a":1}')];
  const archive = await archiveOf(entries);
  expect(archive.length).toBe(tarBytes(entries));
  const folder = mkdtempSync(join(tmpdir(), 'tar-'));
  try {
    writeFileSync(join(folder, 'a.tar'), archive);
    execFileSync('tar', ['-xf', 'a.tar'], { cwd: folder });
    expect(readFileSync(join(folder, 'model.safetensors'), 'utf8')).toBe('x'.repeat(1000));
    expect(readFileSync(join(folder, 'empty'), 'utf8')).toBe('');
    expect(readFileSync(join(folder, 'manifest.json'), 'utf8')).toBe('{"a":1}');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('breaks off when a file is not as long as it should be', async () => {
  await expect(archiveOf([{ ...entry('a', 'abc'), bytes: 4 }])).rejects.toThrow(/3 bytes, expected 4/);
});
