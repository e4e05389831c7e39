import { fork, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveRunSpec } from '@lockstep/engine/graph';
import { encodeShard } from '@lockstep/engine/train';

const rankFile = fileURLToPath(new URL('./rank.mjs', import.meta.url));
const canPin = spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/** Random images in a shard file, the same at every call. */
export function writeShard(folder, { shape, samples }) {
  const path = join(folder, `${shape.join('x')}-${samples}.shard`);
  const elements = shape.reduce((a, b) => a * b, 1);
  const images = new Uint8Array(samples * elements);
  const labels = new Int32Array(samples);
  let state = 1;
  for (let i = 0; i < images.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    images[i] = state >>> 24;
  }
  for (let i = 0; i < samples; i++) labels[i] = (i * 7) % 10;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, encodeShard({ shape, dtype: 'uint8', classes: 10, samples: images, labels }));
  return path;
}

function specOf({ model, shape, optimizer, batch, lanes, samples }) {
  return resolveRunSpec(
    { dataset: 'mnist', model, training: { epochs: 1, batchSize: batch, optimizer }, lanes },
    {
      dataset: { kind: 'sample', name: 'mnist' },
      version: '0'.repeat(64),
      trainSamples: samples,
      validationSamples: 0,
      sampleShape: shape,
      classes: 10,
      dtype: 'uint8',
    },
  );
}

/** Median samples/s of one measurement of a case: the slowest rank counts. */
export async function measure(definition, shard, seconds) {
  const { ranks, threads } = definition;
  const spec = specOf(definition);
  const children = Array.from({ length: ranks }, (_, rank) => {
    const job = JSON.stringify({ spec, shard, rank, worldSize: ranks, threads, seconds });
    // One core for each rank of several, as on several machines.
    const options =
      ranks > 1 && canPin ? { execPath: 'taskset', execArgv: ['-c', String(rank), process.execPath] } : {};
    return fork(rankFile, [job], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], ...options });
  });
  const gather = (key) =>
    Promise.all(
      children.map(
        (child) =>
          new Promise((resolve, reject) => {
            const listen = (message) => {
              if (message[key] === undefined) return;
              child.off('message', listen);
              resolve(message[key]);
            };
            child.on('message', listen);
            child.once('exit', (code) => reject(new Error(`a rank ended with ${code}`)));
          }),
      ),
    );
  const outputs = children.map(
    (child) =>
      new Promise((resolve, reject) => {
        let text = '';
        child.stdout.on('data', (chunk) => {
          text += chunk;
        });
        child.once('close', (code) =>
          code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`a rank ended with ${code}`)),
        );
      }),
  );
  try {
    if (ranks > 1) {
      const addresses = await gather('address');
      const counts = gather('steps');
      for (const child of children) child.send({ addresses });
      const steps = Math.min(...(await counts));
      for (const child of children) child.send({ steps });
    }
    const results = await Promise.all(outputs);
    return Math.min(...results.map((result) => result.samplesPerSecond));
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}
