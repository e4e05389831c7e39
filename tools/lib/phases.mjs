// The terminal: numbered phases with elapsed and typical time; plain lines where there is no terminal.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localDir } from './paths.mjs';

export const isTerminal = process.stdout.isTTY === true && process.env.TERM !== 'dumb';
const hasColour = isTerminal && process.env.NO_COLOR === undefined;
const paint = (code, text) => (hasColour ? `\u001b[${code}m${text}\u001b[0m` : text);
export const dim = (text) => paint(2, text);
export const bold = (text) => paint(1, text);

/** What a phase throws when the person can fix it: one sentence of what is wrong, one of what to do. */
export class Fixable extends Error {
  constructor(message, fix) {
    super(message);
    this.fix = fix;
  }
}

const timesFile = join(localDir, 'typical-seconds.json');

function readTimes() {
  try {
    return JSON.parse(readFileSync(timesFile, 'utf8'));
  } catch {
    return {};
  }
}

function writeTime(title, seconds) {
  try {
    mkdirSync(localDir, { recursive: true });
    writeFileSync(`${timesFile}.${process.pid}`, JSON.stringify({ ...readTimes(), [title]: seconds }));
    renameSync(`${timesFile}.${process.pid}`, timesFile);
  } catch {
    // The typical times are a comfort; a folder that cannot be written is told by what needs it.
  }
}

const logsDir = join(localDir, 'logs');
const keptLogs = 100;

function removeOldLogs() {
  try {
    const logs = readdirSync(logsDir).map((name) => join(logsDir, name));
    const newestFirst = logs.map((path) => ({ path, at: statSync(path).mtimeMs })).sort((a, b) => b.at - a.at);
    for (const { path } of newestFirst.slice(keptLogs)) rmSync(path, { force: true });
  } catch {
    // There are none yet, or another process removes them too.
  }
}

export function formatSeconds(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/**
 * Prints numbered phases as they run.
 *
 * @param {string} name of the script; log files carry it
 * @param {number} count of phases
 * @param {{ quiet?: boolean, write?: (text: string) => void }} options quiet: print nothing unless a phase fails
 */
export function createPhases(name, count, { quiet = false, write = (text) => process.stdout.write(text) } = {}) {
  let number = 0;
  removeOldLogs();
  const label = () => dim(`[${String(number).padStart(String(count).length)}/${count}]`);

  /**
   * @param {string} title
   * @param {(phase: { logFile: string, note: (text: string) => void }) => Promise<string | void>} work gives a word about the outcome
   * @param {{ typicalSeconds?: number, fix?: string }} options the time of a first run, and what to do when the phase fails
   */
  async function run(title, work, { typicalSeconds, fix } = {}) {
    number++;
    const logFile = join(logsDir, `${name}-${process.pid}-${number}.log`);
    const typical = readTimes()[title] ?? typicalSeconds;
    const usual = typical === undefined || typical < 2 ? '' : `, typically ${formatSeconds(typical)}`;
    const started = performance.now();
    const elapsed = () => (performance.now() - started) / 1000;
    let note = '';
    const draw = () => {
      const text = `${label()} ${title} ${dim(`${formatSeconds(elapsed())}${usual}`)}${note === '' ? '' : `  ${dim(note)}`}`;
      write(`\r\u001b[2K${clip(text)}`);
    };
    let timer;
    if (!quiet && isTerminal) {
      draw();
      timer = setInterval(draw, 250);
    } else if (!quiet) {
      write(`${label()} ${title}${usual === '' ? '' : ` (${usual.slice(2)})`} ...\n`);
    }
    const end = (mark, text) => {
      clearInterval(timer);
      if (quiet) return;
      write(
        `${isTerminal ? '\r\u001b[2K' : ''}${label()} ${mark} ${title} ${dim(formatSeconds(elapsed()))}${text ? `  ${text}` : ''}\n`,
      );
    };
    try {
      const outcome = await work({
        logFile,
        note: (text) => {
          note = text;
        },
      });
      writeTime(title, elapsed());
      end(paint(32, 'ok'), outcome ?? '');
    } catch (error) {
      end(paint(31, 'failed'), '');
      explain(error, fix, write);
      throw new Told(title, { cause: error });
    }
  }
  return { run };
}

/** A failure that the terminal has already shown. */
export class Told extends Error {}

/** The last lines, the path of the log, and one thing to do. */
export function explain(error, fix, write = (text) => process.stdout.write(text)) {
  // Programs and services that failed bring their last lines, and the place of all of them.
  const { lines = [], logFile = null } = error;
  for (const line of lines.slice(-25)) write(`      ${line}\n`);
  write(`      ${error.message}\n`);
  if (logFile !== null) write(`      Log: ${logFile}\n`);
  const advice = error instanceof Fixable ? error.fix : fix;
  if (advice) write(`      ${bold('Fix:')} ${advice}\n`);
}

function clip(text) {
  const width = (process.stdout.columns || 120) - 1;
  // Colour codes take no room; a line without any room for them is cut a little early, which does no harm.
  return text.length > width + 24 ? text.slice(0, width + 23) : text;
}

/** Runs a script's main and turns what it throws into an exit code. */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(error instanceof Told))
      console.error(error instanceof Fixable ? `${error.message}\nFix: ${error.fix}` : error);
    process.exitCode = 1;
  }
}
