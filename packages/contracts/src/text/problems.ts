import { z } from 'zod';
import type { ErrorCode } from '../errors/codes.js';
import { LockstepError, type Problem } from '../errors/lockstep-error.js';
import type { DocumentPath, ParsedDocument } from './parse-yaml.js';
import { suggest } from './suggest.js';

/** Problems shown in one message; the rest is counted. */
const shownProblems = 10;

export interface ParseContext {
  /** Name of what is parsed in messages: the path of a file, or `run spec`. */
  readonly source: string;
  /** Gives problems their line. */
  readonly document?: ParsedDocument;
}

/**
 * Parses a value by a schema; every problem becomes a sentence with what was expected, what came and what to do, with its
 * line where the document is known.
 *
 * @throws LockstepError `bad-input.unknown-field` or `bad-input.field`, with all problems
 */
export function parseWith<S extends z.ZodType>(schema: S, value: unknown, context: ParseContext): z.output<S> {
  const result = schema.safeParse(value, { error: (issue) => describe(issue as RawIssue), reportInput: false });
  if (result.success) return result.data;
  const found = withoutEchoes(result.error.issues.flatMap((issue) => flatten(issue, [])));
  const problems = found.map(({ path, message }): Problem => {
    const position = context.document?.locate(path) ?? null;
    return { path: formatPath(path), message, line: position?.line ?? null, column: position?.column ?? null };
  });
  const code: ErrorCode = found.every((problem) => problem.unknownField)
    ? 'bad-input.unknown-field'
    : 'bad-input.field';
  const lines = problems.slice(0, shownProblems).map((problem) => formatProblem(problem, context.source));
  if (problems.length > shownProblems) lines.push(`… and ${problems.length - shownProblems} more problems.`);
  throw new LockstepError(code, lines.join('\n'), { problems });
}

/**
 * `['model', 'layers', 3, 'kernel'] -> 'model.layers[3].kernel'`. A document may name a field anything: control characters
 * and endless names do not get into messages.
 */
export function formatPath(path: DocumentPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? clip(step) : `${text}.${clip(step)}`;
  }, '');
}

function formatProblem(problem: Problem, source: string): string {
  const place = problem.line === null ? source : `${source}:${problem.line}:${problem.column}`;
  return problem.path === '' ? `${place}: ${problem.message}` : `${place}: ${problem.path}: ${problem.message}`;
}

interface RawIssue {
  readonly code: string;
  readonly input?: unknown;
  readonly inst?: unknown;
  readonly expected?: string;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly inclusive?: boolean;
  readonly origin?: string;
  readonly discriminator?: string;
  readonly message?: string;
}

function describe(issue: RawIssue): string | undefined {
  const got = issue.input === undefined ? 'nothing' : show(issue.input);
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined)
        return `expected ${article(issue.expected ?? 'value')}, but the field is missing. Add it.`;
      return `expected ${article(issue.expected ?? 'value')}, got ${got}.`;
    case 'invalid_value': {
      const allowed = (issue.values ?? []).map(String);
      if (issue.input === undefined) return `expected ${list(allowed)}, but the field is missing. Add it.`;
      return `expected ${list(allowed)}, got ${got}.${meant(issue.input, allowed)}`;
    }
    case 'unrecognized_keys': {
      const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
      // Only here is the schema at hand; `flatten` makes one problem a field of it.
      return JSON.stringify(known);
    }
    case 'too_small':
      return `expected ${sizeOf(issue)}${issue.inclusive === false ? ' more than' : ' at least'} ${issue.minimum}, got ${size(issue, got)}.`;
    case 'too_big':
      return `expected ${sizeOf(issue)}${issue.inclusive === false ? ' less than' : ' at most'} ${issue.maximum}, got ${size(issue, got)}.`;
    case 'invalid_union':
      if (issue.discriminator !== undefined && issue.inst instanceof z.ZodDiscriminatedUnion) {
        return describeDiscriminator(issue.discriminator, issue.inst, issue.input);
      }
      return `expected something else, got ${got}.`;
    default:
      return undefined;
  }
}

function describeDiscriminator(field: string, union: z.ZodDiscriminatedUnion, input: unknown): string {
  const allowed = union.options.flatMap((option) => discriminatorValues(option, field));
  const value = isRecord(input) ? input[field] : undefined;
  if (!isRecord(input)) return `expected a map with the field "${field}", got ${show(input)}.`;
  if (value === undefined) return `expected the field "${field}": ${list(allowed)}. Add it.`;
  return `expected "${field}" to be ${list(allowed)}, got ${show(value)}.${meant(value, allowed)}`;
}

function discriminatorValues(option: unknown, field: string): string[] {
  if (!(option instanceof z.ZodObject)) return [];
  const literal: unknown = option.shape[field];
  return literal instanceof z.ZodLiteral ? [...literal.values].map(String) : [];
}

interface Found {
  readonly path: DocumentPath;
  readonly message: string;
  readonly unknownField: boolean;
  /** The field that an unknown one most likely means. */
  readonly meantKey: string | null;
}

/** Unions without a discriminator report every branch; the one that the person most likely meant is told. */
function flatten(issue: z.core.$ZodIssue, base: DocumentPath): Found[] {
  const path = [...base, ...(issue.path as (string | number)[])];
  if (issue.code === 'unrecognized_keys') {
    const known = JSON.parse(issue.message) as string[];
    return issue.keys.slice(0, shownProblems + 1).map((key) => unknownField(key, known, path));
  }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) {
    return [{ path, message: issue.message, unknownField: false, meantKey: null }];
  }
  const branches = issue.errors.map((issues) => withoutEchoes(issues.flatMap((inner) => flatten(inner, path))));
  const misfits = branches.map((branch) => misfit(branch, path));
  const least = Math.min(...misfits);
  const fitting = branches.filter((_, index) => misfits[index] === least);
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  return [{ path, message: alternatives(fitting, path), unknownField: false, meantKey: null }];
}

/** How little a branch fits: problems at the value itself weigh more than problems inside of it. */
function misfit(branch: readonly Found[], path: DocumentPath): number {
  return branch.reduce((sum, found) => {
    if (found.path.length === path.length) return sum + 100;
    const missing =
      found.path.length === path.length + 1 && (found.unknownField || found.message.includes('is missing'));
    return sum + (missing ? 10 : 0);
  }, 0);
}

function alternatives(branches: readonly (readonly Found[])[], path: DocumentPath): string {
  const texts = branches.flatMap((branch) => {
    const first = branch[0];
    if (first === undefined) return [];
    const field = formatPath(first.path.slice(path.length));
    return [field === '' ? first.message : `${field}: ${first.message}`];
  });
  return [...new Set(texts)].reduce(joinAlternatives);
}

/** `expected text, got 5.` and `expected a list, got 5.` become `expected text or a list, got 5.` */
function joinAlternatives(first: string, second: string): string {
  const [, expectedFirst, restFirst] = /^expected (.*?), ((?:got|but) .*)$/.exec(first) ?? [];
  const [, expectedSecond, restSecond] = /^expected (.*?), ((?:got|but) .*)$/.exec(second) ?? [];
  const isSameRest = restFirst !== undefined && restSecond !== undefined && restFirst.startsWith(restSecond);
  return isSameRest ? `expected ${expectedFirst} or ${expectedSecond}, ${restFirst}` : `${first} Or: ${second}`;
}

function unknownField(key: string, known: readonly string[], path: DocumentPath): Found {
  const meantKey = suggest(key, known);
  const hint = meantKey === null ? `Known here: ${known.join(', ')}.` : `Did you mean "${meantKey}"?`;
  return { path: [...path, key], message: `"${clip(key)}" is not a field here. ${hint}`, unknownField: true, meantKey };
}

/** A field that is missing because its name was mistyped is one problem, not two. */
function withoutEchoes(found: readonly Found[]): Found[] {
  const meantPaths = new Set(
    found.flatMap(({ path, meantKey }) => (meantKey === null ? [] : [formatPath([...path.slice(0, -1), meantKey])])),
  );
  return found.filter((problem) => problem.unknownField || !meantPaths.has(formatPath(problem.path)));
}

function meant(input: unknown, allowed: readonly string[]): string {
  const word = typeof input === 'string' ? suggest(input, allowed) : null;
  return word === null ? '' : ` Did you mean "${word}"?`;
}

function sizeOf(issue: RawIssue): string {
  if (issue.origin === 'array') return 'a list with';
  if (issue.origin === 'string') return 'text with a length of';
  return 'a number';
}

function size(issue: RawIssue, got: string): string {
  if (Array.isArray(issue.input)) return `${issue.input.length}`;
  if (typeof issue.input === 'string') return `${issue.input.length}`;
  return got;
}

const typeNames: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a map of fields',
  record: 'a map of fields',
};

function article(expected: string): string {
  return typeNames[expected] ?? expected;
}

function list(values: readonly string[]): string {
  return values.length === 1 ? `"${values[0]}"` : `one of ${values.join(', ')}`;
}

/** A value as a person wrote it, short enough for a message. */
function show(value: unknown): string {
  if (typeof value === 'string') return `the text "${clip(value)}"`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isRecord(value)) {
    const keys = Object.keys(value).map(clip);
    return keys.length === 0 ? 'an empty map' : `a map with ${keys.slice(0, 5).join(', ')}`;
  }
  if (value === undefined) return 'nothing';
  return String(value);
}

function clip(text: string): string {
  const printable = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
  return printable.length <= 60 ? printable : `${printable.slice(0, 57)}…`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
