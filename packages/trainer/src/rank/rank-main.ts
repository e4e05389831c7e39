import { Socket } from 'node:net';
import { rankExitCodes } from '@lockstep/contracts';
import { endWithParent, nativeParts } from '../compose.js';
import { runRank } from './run-rank.js';

// Ctrl-C and a closed terminal reach every process of the terminal. Only the supervisor acts on them, so that the run
// can end with a checkpoint; this process ends when the supervisor says so or when the pipe closes.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.title = 'lockstep rank';
// A rank that is stopped by a signal does not see its pipe close; the kernel ends it all the same.
endWithParent();

runRank({
  stream: new Socket({ fd: 3, readable: true, writable: true }),
  generation: Number(process.argv[2]),
  parts: nativeParts,
  now: () => performance.now(),
  exit: (code) => {
    // Leaving in the ordinary way waits for native threads, which may be waiting for a peer. Where nobody reads the exit
    // code the process takes the way that cannot hang.
    const unheard = code === rankExitCodes.pipeClosed || code === rankExitCodes.stopped;
    if (unheard) process.kill(process.pid, 'SIGKILL');
    process.exit(code);
  },
});
