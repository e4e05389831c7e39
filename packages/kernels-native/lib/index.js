import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
// Another build of the same sources, such as the one with sanitizers; see scripts/test-sanitize.mjs.
const folder = process.env.LOCKSTEP_KERNELS_DIR ?? fileURLToPath(new URL('../build', import.meta.url));
const path = join(folder, 'lockstep_kernels.node');

let addon;
try {
  addon = require(path);
} catch (error) {
  throw new Error(
    `cannot load the native kernels (${path}): ${error.message}. Run "npm run build", or "npm run doctor" to see what is missing.`,
  );
}

export const {
  buildInfo,
  endWithParent,
  describeKernel,
  layoutBytes,
  runProgram,
  sampleOrder,
  openCommunicator,
  communicatorAddress,
  communicatorConnect,
  communicatorClose,
  openSession,
  sessionTrain,
  sessionEvaluate,
  sessionPredict,
  sessionProbe,
  sessionRequestControl,
  sessionReadParameter,
  sessionWriteParameter,
  sessionReadBuffer,
  sessionWriteBuffer,
  sessionClose,
} = addon;
