import { missingAtStart } from './health.js';
import { describeError } from './log.js';

export async function reportAtStart(): Promise<void> {
  try {
    for (const problem of await missingAtStart()) console.error(`Lockstep web: ${problem}`);
  } catch (error) {
    console.error(`Lockstep web cannot start: ${error instanceof Error ? error.message : describeError(error)}`);
    process.exit(1);
  }
}
