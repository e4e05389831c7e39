// Runs a program to its end, with its output in a log file.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { root } from './paths.mjs';

/** A program that did not end well. `lines` are the last lines that it printed. */
export class CommandFailed extends Error {
  constructor(command, how, lines, logFile) {
    super(`${command} ${how}`);
    this.lines = lines;
    this.logFile = logFile;
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ logFile: string, cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void, allowFailure?: boolean }} options
 * @returns {Promise<{ code: number, output: string }>} `output` is stdout only
 */
export function runCommand(command, args, { logFile, cwd = root, env = process.env, onLine, allowFailure = false }) {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile, { flags: 'a' });
  log.write(`$ ${[command, ...args].join(' ')}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const stdout = [];
    const lastLines = [];
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        log.write(text);
        if (stream === child.stdout) stdout.push(text);
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          onLine?.(line);
          lastLines.push(line);
          if (lastLines.length > 60) lastLines.shift();
        }
      });
      stream.on('end', () => {
        if (rest !== '') lastLines.push(rest);
      });
    }
    // A program that is started here must not outlive this script.
    const forward = (signal) => child.kill(signal);
    process.on('SIGTERM', forward);
    child.on('error', (error) => {
      log.end();
      process.off('SIGTERM', forward);
      reject(new CommandFailed(command, `cannot be started: ${error.message}`, lastLines, logFile));
    });
    child.on('close', (code, signal) => {
      log.end();
      process.off('SIGTERM', forward);
      if (code === 0 || (allowFailure && code !== null)) resolve({ code: code ?? 1, output: stdout.join('') });
      else
        reject(
          new CommandFailed(command, signal ? `was ended by ${signal}` : `ended with ${code}`, lastLines, logFile),
        );
    });
  });
}
