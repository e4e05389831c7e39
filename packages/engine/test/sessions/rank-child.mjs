// One rank in a process of its own, for tests that kill it: messages { open }, { addresses }, then bursts without end.
import { createSession, openCommunicator } from '../../dist/native-entry.js';

let communicator;
let options;

process.on('message', async (message) => {
  if (message.open) {
    options = message.open;
    communicator = openCommunicator(options.communicator);
    process.send({ address: Buffer.from(await communicator.address()).toString('base64') });
    return;
  }
  await communicator.connect(message.addresses.map((address) => Buffer.from(address, 'base64')));
  const { rank, worldSize } = options.communicator;
  const session = await createSession({ ...options.session, rank, worldSize, threads: 1, communicator });
  for (let step = 0; ; step += options.burst) {
    await session.trainBurst({
      epoch: 0,
      firstStepInEpoch: step,
      firstStep: step,
      learningRates: new Float32Array(options.burst).fill(0.01),
    });
    process.send({ step });
  }
});
