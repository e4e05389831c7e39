#!/usr/bin/env node
import { runProgram } from './program.js';

// A reader that closed its end (`| head`) has seen enough; that is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await runProgram(process.argv.slice(2));
