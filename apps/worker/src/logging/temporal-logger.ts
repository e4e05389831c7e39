import { DefaultLogger, type Logger } from '@temporalio/worker';

/** Warnings and errors of Temporal's SDK, as lines of this process. */
export function temporalLogger(log: (line: string) => void): Logger {
  return new DefaultLogger('WARN', ({ level, message, meta }) => {
    const error = meta?.error;
    log(`temporal ${level.toLowerCase()}: ${message}${error instanceof Error ? `: ${error.message}` : ''}`);
  });
}
