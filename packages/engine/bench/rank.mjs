// One rank of a measurement: trains bursts for about --seconds and prints how many samples a second went through. With
// more than one rank it speaks with its parent over IPC, to learn the others' addresses and to stop where they stop.

import { open, stat } from 'node:fs/promises';
import { createSession, openCommunicator } from '@lockstep/engine/native';
import { parseShardHeader } from '@lockstep/engine/train';

const job = JSON.parse(process.argv[2]);
const { spec, shard, rank, worldSize, threads, seconds } = job;
const next = () => new Promise((resolve) => process.once('message', resolve));

async function openShard(path) {
  const file = await open(path);
  const head = Buffer.alloc(65_544);
  const { bytesRead } = await file.read(head, 0, head.length, 0);
  await file.close();
  return { path, header: parseShardHeader(head.subarray(0, bytesRead), (await stat(path)).size, path) };
}

const communicator = worldSize > 1 ? openCommunicator({ rank, worldSize, host: '127.0.0.1', timeoutMs: 20_000 }) : null;
if (communicator) {
  process.send({ address: Buffer.from(await communicator.address()).toString('base64') });
  await communicator.connect((await next()).addresses.map((text) => Buffer.from(text, 'base64')));
}
const session = await createSession({
  spec,
  trainShard: await openShard(shard),
  validationShard: null,
  rank,
  worldSize,
  threads,
  communicator,
});
const { batchSize } = spec.training;
const stepsInEpoch = Math.floor(spec.data.trainSamples / batchSize); // full batches only, as the peer has
let step = 0;
async function train(steps) {
  let left = steps;
  while (left > 0) {
    const inEpoch = step % stepsInEpoch;
    const count = Math.min(left, stepsInEpoch - inEpoch);
    const burst = {
      epoch: Math.floor(step / stepsInEpoch),
      firstStepInEpoch: inEpoch,
      firstStep: step,
      learningRates: new Float32Array(count).fill(0.01),
    };
    const result = await session.trainBurst(burst);
    if (result.stepsDone !== count) throw new Error(`the burst ended early: ${JSON.stringify(result.nonFinite)}`);
    step += count;
    left -= count;
  }
}
const timed = async (steps) => {
  const start = performance.now();
  await train(steps);
  return (performance.now() - start) / 1000;
};
const warm = Math.min(50, stepsInEpoch);
await train(warm);
const pace = (await timed(warm)) / warm;
let steps = Math.max(5, Math.ceil(seconds / pace));
if (worldSize > 1) {
  process.send({ steps });
  steps = (await next()).steps; // the same on every rank
}
const rates = [];
for (let i = 0; i < 3; i++) rates.push((steps * batchSize) / (await timed(steps)));
rates.sort((a, b) => a - b);
console.log(JSON.stringify({ rank, samplesPerSecond: rates[1] }));
await session.close();
process.disconnect?.();
process.exit(0);
