// A run on the terminal: one line that is redrawn, or a line now and then where there is no terminal.
import { dim, isTerminal } from '../lib/phases.mjs';

const plainMs = 10_000;
const percent = (share) => `${(share * 100).toFixed(2)}%`;
const count = (number) => Math.round(number).toLocaleString('en-US');

/** A run's progress in one line. */
export function describeProgress({ run, loss, accuracy, validation }) {
  const parts = [run.state];
  if (run.state === 'queued' && run.waitingFor !== null) parts.push(run.waitingFor);
  if (run.step > 0) {
    parts.push(`epoch ${Math.min(run.epochs, run.epoch + 1)}/${run.epochs}`);
    parts.push(`step ${count(run.step)}${run.totalSteps === null ? '' : `/${count(run.totalSteps)}`}`);
  }
  if (loss !== null) parts.push(`loss ${loss.toPrecision(4)}`);
  if (accuracy !== null) parts.push(`accuracy ${percent(accuracy)}`);
  if (validation !== null) parts.push(`test ${percent(validation)}`);
  if (run.state === 'training' && run.samplesPerSecond !== null) parts.push(`${count(run.samplesPerSecond)} images/s`);
  return parts.join('  ');
}

/** @returns {{ show: (progress: object) => void, end: () => void }} */
export function createRunLine(name, write) {
  let shownAt = Number.NEGATIVE_INFINITY;
  let shown = null;
  let state = null;
  return {
    show: (progress) => {
      const text = `${name.padEnd(14)} ${describeProgress(progress)}`;
      if (text === shown) return;
      if (isTerminal) {
        write(`\r\u001b[2K${text.slice(0, (process.stdout.columns || 120) - 1)}`);
      } else if (progress.run.state !== state || performance.now() - shownAt > plainMs) {
        write(`      ${text}\n`);
        shownAt = performance.now();
      } else return;
      shown = text;
      state = progress.run.state;
    },
    end: (sentence) => write(`${isTerminal ? '\r\u001b[2K' : ''}      ${name.padEnd(14)} ${dim(sentence)}\n`),
  };
}
