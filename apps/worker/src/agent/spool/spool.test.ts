import { appendFile, type FileHandle, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeApiError } from '../api/node-api-error.js';
import type { NewSpoolEntry, SpoolEntry } from './entries.js';
import { Spool } from './spool.js';

const ref = { runId: 'run_1', generation: 2, rank: 0 };
const away = new NodeApiError(0, 'infrastructure.unreachable', 'away');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-spool-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const batch = (sequence: number): NewSpoolEntry => ({
  kind: 'batch',
  body: { generation: 2, source: 'g2-rank-0', sequence },
});
const sequenceOf = (entry: SpoolEntry) => (entry.kind === 'batch' ? entry.body.sequence : -1);

function open(answer: (sequence: number) => void | Promise<void>, more: { onStale?: () => void } = {}) {
  const refused: number[] = [];
  const troubles: string[] = [];
  const opened = Spool.open({
    folder,
    ref,
    send: async (_, entry) => answer(sequenceOf(entry)),
    onStale: more.onStale ?? (() => undefined),
    onRefused: (entry) => refused.push(sequenceOf(entry)),
    onDiskTrouble: (error) => troubles.push((error as Error).message),
  });
  return { opened, refused, troubles };
}

describe('a spool', () => {
  it('sends entries in order, once each', async () => {
    const sent: number[] = [];
    const spool = await open((sequence) => void sent.push(sequence)).opened;
    await Promise.all([0, 1, 2, 3].map((sequence) => spool.append(batch(sequence))));
    expect(await spool.delivered(10_000)).toBe(true);
    expect(sent).toEqual([0, 1, 2, 3]);
    await spool.close();
  });

  it('tries again while nobody answers, and loses nothing', async () => {
    const sent: number[] = [];
    let failures = 2;
    const spool = await open((sequence) => {
      if (failures-- > 0) throw away;
      sent.push(sequence);
    }).opened;
    await spool.append(batch(0));
    await spool.append(batch(1));
    expect(await spool.delivered(10_000)).toBe(true);
    expect(sent).toEqual([0, 1]);
    await spool.close();
  });

  it('goes on in another process with what was not taken, without a torn last line', async () => {
    const first = await open((sequence) => {
      if (sequence > 0) throw away;
    }).opened;
    for (const sequence of [0, 1, 2]) await first.append(batch(sequence));
    expect(await first.delivered(300)).toBe(false);
    await first.close();
    await appendFile(join(folder, 'entries.jsonl'), '{"kind":"batch","body":{"gener');

    const sent: number[] = [];
    const second = await open((sequence) => void sent.push(sequence)).opened;
    await second.append(batch(3));
    expect(await second.delivered(10_000)).toBe(true);
    expect(sent).toEqual([1, 2, 3]);
    const text = await readFile(join(folder, 'entries.jsonl'), 'utf8');
    expect(text.trimEnd().split('\n')).toHaveLength(4);
    await second.discard();
  });

  it('waits for room on a full disk, and loses nothing that was half written', async () => {
    const sent: number[] = [];
    const { opened, troubles } = open((sequence) => void sent.push(sequence));
    const spool = await opened;
    await spool.append(batch(0));
    const { file } = spool as unknown as { file: FileHandle };
    const write = file.appendFile.bind(file);
    let isFull = true;
    file.appendFile = async (line) => {
      if (!isFull) return write(line);
      isFull = false;
      await write((line as Buffer).subarray(0, 20));
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    };
    for (const sequence of [1, 2]) await spool.append(batch(sequence));
    expect(await spool.delivered(10_000)).toBe(true);
    expect([sent, troubles]).toEqual([[0, 1, 2], ['no space left on device']]);
    const lines = (await readFile(join(folder, 'entries.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).body.sequence)).toEqual([0, 1, 2]);
    await spool.close();
  });

  it('goes on sending where it cannot note what was taken', async () => {
    const sent: number[] = [];
    const spool = await open((sequence) => void sent.push(sequence)).opened;
    await mkdir(join(folder, 'acknowledged.new'));
    for (const sequence of [0, 1]) await spool.append(batch(sequence));
    expect(await spool.delivered(10_000)).toBe(true);
    expect(sent).toEqual([0, 1]);
    await spool.close();
  });

  it('drops what the server refuses for good, and goes on', async () => {
    const sent: number[] = [];
    const { opened, refused } = open((sequence) => {
      if (sequence === 1) throw new NodeApiError(400, 'bad-input.field', 'no');
      sent.push(sequence);
    });
    const spool = await opened;
    for (const sequence of [0, 1, 2]) await spool.append(batch(sequence));
    expect(await spool.delivered(10_000)).toBe(true);
    expect([sent, refused]).toEqual([[0, 2], [1]]);
    await spool.close();
  });

  it('gives up when its generation is over', async () => {
    let stale = 0;
    const spool = await open(
      () => {
        throw new NodeApiError(409, 'infrastructure.stale-generation', 'over');
      },
      { onStale: () => void stale++ },
    ).opened;
    await spool.append(batch(0));
    await spool.append(batch(1));
    expect(await spool.delivered(10_000)).toBe(true);
    expect(stale).toBe(1);
    await spool.discard();
  });
});
