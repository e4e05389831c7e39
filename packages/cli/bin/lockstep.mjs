#!/usr/bin/env node
// A file of the repository, and not of the build, so that npm can link it and make it executable before anything is built.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  console.error('Lockstep is not built yet. Run: npm run setup');
  process.exitCode = 4;
}
