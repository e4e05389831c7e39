// What was found out so far, on disk, so that an interrupted acceptance run goes on where it was.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Results by key. They belong to one build of the product: a store that was written for another one starts empty.
 * Values are plain JSON.
 */
export class Store {
  constructor(file, build) {
    this.file = file;
    this.build = build;
    this.results = readResults(file, build);
  }

  get(key) {
    return this.results[key];
  }

  set(key, value) {
    this.results[key] = value;
    this.save();
  }

  /** Gives the result of an earlier call with this key, or does the work and keeps its result. */
  async once(key, work) {
    if (!(key in this.results)) this.set(key, await work());
    return this.results[key];
  }

  /** Forgets a key and everything below it (`key/...`). */
  forget(key) {
    for (const name of Object.keys(this.results))
      if (name === key || name.startsWith(`${key}/`)) delete this.results[name];
    this.save();
  }

  save() {
    mkdirSync(dirname(this.file), { recursive: true });
    const temporary = `${this.file}.${process.pid}`;
    writeFileSync(temporary, `${JSON.stringify({ build: this.build, results: this.results }, null, 1)}\n`);
    renameSync(temporary, this.file);
  }
}

function readResults(file, build) {
  try {
    const stored = JSON.parse(readFileSync(file, 'utf8'));
    return stored.build === build ? stored.results : {};
  } catch {
    return {}; // There is none yet, or it was cut short: the work is done again.
  }
}
