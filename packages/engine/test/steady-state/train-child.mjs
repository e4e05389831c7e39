// Trains a session for a number of steps and says how much memory the process held on the way.
// Usage: node --expose-gc train-child.mjs <options.json> <steps> <burst>
import { readFileSync } from 'node:fs';
import { createSession, openCommunicator } from '../../dist/native-entry.js';

const [file, steps, burst] = process.argv.slice(2);
const { worldSize, stepsPerEpoch, rate, ...options } = JSON.parse(readFileSync(file, 'utf8'));

const communicators = [];
if (worldSize > 1) {
  for (let rank = 0; rank < worldSize; rank++)
    communicators.push(openCommunicator({ rank, worldSize, host: '127.0.0.1', timeoutMs: 20_000 }));
  const addresses = await Promise.all(communicators.map((communicator) => communicator.address()));
  await Promise.all(communicators.map((communicator) => communicator.connect(addresses)));
}
const sessions = [];
for (let rank = 0; rank < worldSize; rank++)
  sessions.push(await createSession({ ...options, rank, worldSize, communicator: communicators[rank] ?? null }));

const rssBytes = [];
for (let step = 0; step < Number(steps); ) {
  const epoch = Math.floor(step / stepsPerEpoch);
  const count = Math.min(Number(burst), Number(steps) - step, (epoch + 1) * stepsPerEpoch - step);
  const request = {
    epoch,
    firstStepInEpoch: step - epoch * stepsPerEpoch,
    firstStep: step,
    learningRates: new Float32Array(count).fill(rate),
  };
  for (const result of await Promise.all(sessions.map((session) => session.trainBurst(request))))
    if (result.stepsDone !== count) throw new Error(`only ${result.stepsDone} of ${count} steps`);
  step += count;
  globalThis.gc();
  rssBytes.push(process.memoryUsage.rss());
}
for (const session of sessions) await session.close();
for (const communicator of communicators) communicator.close();
console.log(JSON.stringify(rssBytes));
