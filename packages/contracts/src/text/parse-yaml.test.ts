import { describe, expect, it } from 'vitest';
import { LockstepError } from '../errors/lockstep-error.js';
import { limits } from '../limits/limits.js';
import { parseYaml } from './parse-yaml.js';

function refusal(text: string): LockstepError {
  try {
    parseYaml(text, 'spec.yaml');
  } catch (error) {
    if (error instanceof LockstepError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('parseYaml', () => {
  it('reads YAML and JSON to the same value', () => {
    const yaml = 'a: [1, 2.5, true, null, text]\nb:\n  c: "1"\n';
    const json = '{\n\t"a": [1, 2.5, true, null, "text"],\n\t"b": { "c": "1" }\n}';
    expect(parseYaml(yaml).value).toEqual({ a: [1, 2.5, true, null, 'text'], b: { c: '1' } });
    expect(parseYaml(json).value).toEqual(parseYaml(yaml).value);
  });

  it('reads a byte order mark, Windows line ends and text beyond ASCII', () => {
    expect(parseYaml('\uFEFFname: Zürich ☃ 𝄞\r\nb: 1\r\n').value).toEqual({ name: 'Zürich ☃ 𝄞', b: 1 });
  });

  it('keeps words of older YAML as text', () => {
    expect(parseYaml('a: yes\nb: off\nc: 0o17\nd: 1_000').value).toEqual({ a: 'yes', b: 'off', c: 15, d: '1_000' });
  });

  it('locates fields at their key, items at their value, missing fields at their parent', () => {
    const document = parseYaml('a:\n  b: 1\n  c:\n    - x\n    - y: 2\n');
    expect(document.locate(['a', 'b'])).toEqual({ line: 2, column: 3 });
    expect(document.locate(['a', 'c', 1, 'y'])).toEqual({ line: 5, column: 7 });
    expect(document.locate(['a', 'c', 0])).toEqual({ line: 4, column: 7 });
    expect(document.locate(['a', 'missing', 3])).toEqual({ line: 1, column: 1 });
  });

  const refused: [behaviour: string, text: string, line: number, message: RegExp][] = [
    ['nothing', '', 1, /found nothing/],
    ['comments only', '# nothing\n', 1, /found nothing/],
    ['an anchor', 'a: 1\nb: &x 2', 2, /anchors/],
    ['an alias', 'a: 1\nb: *x', 2, /aliases|Unresolved alias/],
    ['a custom tag', 'a: !python/object x', 1, /tags/],
    ['a core tag', 'a: !!binary aGk=', 1, /tags/],
    ['a duplicate field', 'a: 1\nb: 2\na: 3', 3, /twice/],
    ['a second document', 'a: 1\n---\nb: 2', 2, /one document/],
    ['tabs as indentation', 'a:\n\tb: 1', 2, /[Tt]abs/],
    ['an open list', 'a: [1, 2', 1, /not YAML or JSON/],
    ['a list as the name of a field', '? [1]\n: 2', 1, /name of a field/],
    ['a number as the name of a field', '1: 2', 1, /name of a field/],
    ['the name that changes prototypes', 'a:\n  __proto__: {b: 1}', 2, /__proto__/],
  ];
  it.each(refused)('refuses %s with its line', (_, text, line, message) => {
    const error = refusal(text);
    expect(error.code).toBe('bad-input.syntax');
    expect(error.message).toMatch(message);
    expect(error.problems[0]?.line).toBe(line);
    expect(error.message.startsWith(`spec.yaml:${line}:`)).toBe(true);
  });

  it('refuses documents of exponential size, which need aliases', () => {
    const bomb = ['a: &a [x, x]', 'b: &b [*a, *a]', 'c: &c [*b, *b]', 'd: [*c, *c]'].join('\n');
    expect(refusal(bomb).code).toBe('bad-input.syntax');
  });

  const tooLarge: [behaviour: string, text: string][] = [
    ['more bytes than the limit', 'x'.repeat(limits.documentBytes + 1)],
    ['bytes counted as UTF-8', `a: ${'☃'.repeat(limits.documentBytes / 3)}`],
    ['deep lists', `a: ${'['.repeat(50_000)}`],
    ['deep maps', '{a: '.repeat(20_000)],
    ['deep block lists', `${'- '.repeat(50_000)}a`],
    ['more values than the limit', `[${'1,'.repeat(limits.documentNodes)}]`],
  ];
  it.each(tooLarge)('refuses %s without exhausting the stack', (_, text) => {
    expect(refusal(text).code).toBe('bad-input.too-large');
  });

  it('accepts the deepest document allowed', () => {
    const levels = limits.documentDepth;
    expect(() => parseYaml('['.repeat(levels) + ']'.repeat(levels))).not.toThrow();
    expect(() => parseYaml('['.repeat(levels + 2) + ']'.repeat(levels + 2))).toThrow(/levels deep/);
  });

  it('takes linear time for a map of very many fields', () => {
    const fields = Array.from({ length: 50_000 }, (_, index) => `k${index}: 1`);
    expect(Object.keys(parseYaml(fields.join('\n')).value as object)).toHaveLength(50_000);
  });

  it('gives a LockstepError or a value for any damage to a document', () => {
    const text = 'dataset: mnist\nmodel: {preset: lenet5}\ntraining:\n  optimizer: {kind: sgd, learningRate: 0.05}\n';
    const inserts = ['[', '}', '"', "'", '&', '*', '!', '\t', '\n', '\u0000', ': ', '- ', '|', '>', '%', '\uD800'];
    for (let at = 0; at < text.length; at++) {
      for (const insert of ['', ...inserts]) {
        try {
          parseYaml(text.slice(0, at) + insert + text.slice(at + 1));
        } catch (error) {
          expect(error).toBeInstanceOf(LockstepError);
        }
      }
    }
  });
});
