import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  Parser,
  visit,
} from 'yaml';
import { LockstepError } from '../errors/lockstep-error.js';
import { limits } from '../limits/limits.js';

export type DocumentPath = readonly (string | number)[];

/** 1-based. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface ParsedDocument {
  /** Plain JSON values: maps, lists, strings, finite and non-finite numbers, booleans, null. */
  readonly value: unknown;
  /** Where a field stands: of its key in a map, of the item in a list; the nearest parent if the field is not there. */
  locate(path: DocumentPath): Position | null;
}

/**
 * Parses one YAML 1.2 or JSON document of bounded size and depth. Anchors, aliases, tags, duplicate keys, keys that are
 * not text and more than one document are refused: a spec says what it means in place, and cannot grow when it is read.
 *
 * @param source name of the text in error messages, such as its path
 * @throws LockstepError `bad-input.syntax` with the line, or `bad-input.too-large`
 */
export function parseYaml(text: string, source = 'document'): ParsedDocument {
  checkSize(text, source);
  const lineCounter = new LineCounter();
  const fail: Fail = (offset, message, code = 'bad-input.syntax') => {
    const { line, col } = lineCounter.linePos(Math.min(offset, text.length));
    const position = { line: Math.max(line, 1), column: Math.max(col, 1) };
    return new LockstepError(code, `${source}:${position.line}:${position.column}: ${message}`, {
      problems: [{ path: '', message, ...position }],
    });
  };

  // JSON may be indented by tabs, YAML may not. A raw tab is never part of a JSON string, so a space can stand in for it.
  const isJson = /^\uFEFF?\s*[{[]/.test(text);
  const tokens = [...new Parser(lineCounter.addNewLine).parse(isJson ? text.replaceAll('\t', ' ') : text)];
  checkDepth(tokens, fail);
  const documents = [...new Composer({ schema: 'core', version: '1.2', uniqueKeys: false }).compose(tokens)];
  const [document, second] = documents;
  if (document === undefined || document.contents === null) {
    throw fail(0, 'expected a YAML or JSON document, found nothing. See examples/ for complete specs.');
  }
  if (second !== undefined) {
    throw fail(second.range[0], 'expected one document, found a second one after "---". Put it in a file of its own.');
  }
  const error = document.errors[0];
  if (error !== undefined) throw fail(error.pos[0], explain(error.code, error.message));
  checkNodes(document, fail);
  return {
    value: document.toJS({ maxAliasCount: 0 }) as unknown,
    locate: (path) => {
      const offset = offsetOf(document, path);
      if (offset === null) return null;
      const { line, col } = lineCounter.linePos(offset);
      return { line, column: col };
    },
  };
}

type Fail = (offset: number, message: string, code?: 'bad-input.syntax' | 'bad-input.too-large') => LockstepError;

function checkSize(text: string, source: string): void {
  // A UTF-16 unit is at most 3 bytes of UTF-8, so that most texts need no encoding to be measured.
  const bytes = text.length * 3 <= limits.documentBytes ? text.length : new TextEncoder().encode(text).length;
  if (bytes > limits.documentBytes) {
    throw new LockstepError(
      'bad-input.too-large',
      `${source}: a document may have ${limits.documentBytes} bytes, this one has ${bytes}. Specs describe data and models, they do not contain them.`,
    );
  }
}

interface Token {
  readonly type: string;
  readonly offset?: number;
  readonly value?: unknown;
  readonly items?: readonly { readonly key?: unknown; readonly value?: unknown }[];
}

/** Without recursion: what it guards against is a document that overflows the stack of the steps that follow. */
function checkDepth(tokens: readonly unknown[], fail: Fail): void {
  const open: { token: Token; depth: number }[] = tokens.map((token) => ({ token: token as Token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > limits.documentDepth) {
      throw fail(
        token.offset ?? 0,
        `lists and maps may be ${limits.documentDepth} levels deep, this is deeper. Flatten the document.`,
        'bad-input.too-large',
      );
    }
    if (token.type === 'document') {
      if (token.value !== undefined) open.push({ token: token.value as Token, depth });
      continue;
    }
    for (const item of token.items ?? []) {
      if (item.key) open.push({ token: item.key as Token, depth: depth + 1 });
      if (item.value) open.push({ token: item.value as Token, depth: depth + 1 });
    }
  }
}

function checkNodes(document: Document.Parsed, fail: Fail): void {
  let nodes = 0;
  visit(document, {
    // The parser's own check compares every key with every other one, which takes minutes for a document of keys only.
    Map: (_, map) => {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        const name: unknown = isScalar(key) ? key.value : key;
        if (seen.has(name)) throw fail(startOf(key) ?? 0, 'this field stands here twice. Keep one of them.');
        seen.add(name);
      }
    },
    Pair: (_, pair) => {
      const key = pair.key;
      if (!isScalar(key) || typeof key.value !== 'string') {
        throw fail(startOf(key) ?? 0, 'expected text as the name of a field. Put it in quotes.');
      }
      if (key.value === '__proto__') throw fail(startOf(key) ?? 0, '"__proto__" cannot be the name of a field.');
    },
    Node: (_, node) => {
      const offset = startOf(node) ?? 0;
      nodes++;
      if (nodes > limits.documentNodes) {
        throw fail(
          offset,
          `a document may have ${limits.documentNodes} values, this one has more.`,
          'bad-input.too-large',
        );
      }
      if (isAlias(node)) throw fail(offset, 'aliases (*name) are not read here. Repeat the value.');
      if (node.anchor !== undefined) throw fail(offset, 'anchors (&name) are not read here. Remove the anchor.');
      if (node.tag !== undefined) {
        throw fail(offset, `tags (${node.tag}) are not read here. Remove the tag.`);
      }
    },
  });
}

function startOf(node: unknown): number | null {
  return isNode(node) && node.range ? node.range[0] : null;
}

function offsetOf(document: Document.Parsed, path: DocumentPath): number | null {
  let node: ParsedNode | null = document.contents;
  let offset = startOf(node);
  for (const step of path) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === String(step));
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      next = pair.value;
    } else if (isSeq(node)) {
      next = node.items[Number(step)];
      if (next === undefined) break;
      offset = startOf(next) ?? offset;
    } else break;
    node = next as ParsedNode | null;
  }
  return offset;
}

function explain(code: string, message: string): string {
  const first = message.split('\n', 1)[0] ?? message;
  const plain = first.replace(/ at line \d+, column \d+:?$/, '');
  if (code === 'TAB_AS_INDENT') return 'tabs cannot indent YAML. Use spaces.';
  return `not YAML or JSON: ${plain}.`;
}
