import { isLockstepError } from '@lockstep/contracts';
import { Runtime } from '@temporalio/worker';
import { ZodError, z } from 'zod';
import { temporalLogger } from '../logging/temporal-logger.js';
import { startAgent } from './agent.js';
import { readEnvironment } from './env.js';

// The agent of one node. Standard output has one line of JSON when it takes orders; everything else goes to standard error.
process.title = 'lockstep agent';

const log = (line: string): void => {
  process.stderr.write(`${new Date().toISOString()} agent: ${line}\n`);
};

// Signals are this program's: ranks are ended before anything else.
Runtime.install({ shutdownSignals: [], logger: temporalLogger(log) });

try {
  const agent = await startAgent({
    environment: readEnvironment(),
    log,
    onReady: (nodeId) => process.stdout.write(`${JSON.stringify({ ready: true, nodeId, pid: process.pid })}\n`),
    onDrained: () => void end('drained'),
    onSuperseded: () => void end('another agent is this node now'),
  });
  let ending: Promise<void> | null = null;
  function end(why: string): Promise<void> {
    log(`ending: ${why}`);
    ending ??= agent.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log(`ending failed: ${String(error)}`);
        process.exit(1);
      },
    );
    return ending;
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => void end(signal));
} catch (error) {
  log(describe(error));
  process.exit(1);
}

function describe(error: unknown): string {
  if (error instanceof ZodError) return `The environment does not fit.\n${z.prettifyError(error)}`;
  if (isLockstepError(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
