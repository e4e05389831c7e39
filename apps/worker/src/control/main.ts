import { Runtime } from '@temporalio/worker';
import { ZodError, z } from 'zod';
import { temporalLogger } from '../logging/temporal-logger.js';
import { startControl } from './control.js';
import { readEnvironment } from './env.js';

// The control worker. Standard output has one line of JSON when it serves workflows; everything else goes to standard error.
process.title = 'lockstep control';

const log = (line: string): void => {
  process.stderr.write(`${new Date().toISOString()} control: ${line}\n`);
};

Runtime.install({ shutdownSignals: [], logger: temporalLogger(log) });

try {
  let isReady = false;
  const control = startControl({
    environment: readEnvironment(),
    log,
    onReady: () => {
      if (!isReady) process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid })}\n`);
      isReady = true;
    },
  });
  let ending = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (ending) return;
      ending = true;
      log(`ending: ${signal}`);
      control.close().then(
        () => process.exit(0),
        (error: unknown) => {
          log(`ending failed: ${String(error)}`);
          process.exit(1);
        },
      );
    });
  }
} catch (error) {
  const isExpected = error instanceof ZodError;
  log(
    isExpected ? `The environment does not fit.\n${z.prettifyError(error)}` : String((error as Error).stack ?? error),
  );
  process.exit(1);
}
