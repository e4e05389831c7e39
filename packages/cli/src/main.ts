#!/usr/bin/env node
import { runProgram } from './program.js';

// A reader that closed its end (`| head`) has seen enough, and a terminal that is gone (EIO) must not end a training.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

process.exitCode = await runProgram(process.argv.slice(2));
