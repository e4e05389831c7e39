import { exitCodeOf, exitCodes, isLockstepError, type LockstepError } from '@lockstep/contracts';
import { isDebugging } from '../env.js';
import { sourceExcerpt } from './source-excerpt.js';

/** A document that errors may point into. */
export interface SourceText {
  name: string;
  text: string;
}

/**
 * An error as a person sees it: every problem with its place and the line of the document it stands in. Expected errors
 * come without a stack; LOCKSTEP_DEBUG=1 adds it.
 */
export function formatError(error: unknown, source: SourceText | null, debugging: boolean): string {
  if (!isLockstepError(error)) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `internal error: ${detail}\nThis is a defect of Lockstep. Please report it with the lines above.`;
  }
  const text = `error: ${source === null ? error.message : withExcerpts(error, source)}`;
  if (!debugging) return text;
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : '';
  return `${text}\n${error.code}${error.detail === undefined ? '' : `: ${error.detail}`}\n${error.stack}${cause}`;
}

function withExcerpts(error: LockstepError, source: SourceText): string {
  const placed = error.problems.filter((problem) => problem.line !== null && problem.column !== null);
  if (placed.length === 0) return error.message;
  const shown = placed.slice(0, 10).map(({ path, message, line, column }) => {
    const place = `${source.name}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
    return `${place}\n${sourceExcerpt(source.text, line ?? 1, column ?? 1)}`;
  });
  if (placed.length > shown.length) shown.push(`… and ${placed.length - shown.length} more problems.`);
  return shown.join('\n');
}

/** Prints an error to stderr and gives the exit code of the command. */
export function reportError(error: unknown, source: SourceText | null = null): number {
  process.stderr.write(`${formatError(error, source, isDebugging())}\n`);
  return isLockstepError(error) ? exitCodeOf(error.code) : exitCodes.internal;
}
