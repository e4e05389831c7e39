import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const path = fileURLToPath(new URL('../build/lockstep_kernels.node', import.meta.url));

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
