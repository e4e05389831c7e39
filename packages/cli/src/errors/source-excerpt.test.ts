import { parseYaml } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { documentPath, locateProblems } from './locate-problems.js';
import { sourceExcerpt } from './source-excerpt.js';

describe('excerpt of a document', () => {
  it('shows the line before, the line and a mark under the column', () => {
    expect(sourceExcerpt('one:\n  two: 3\n', 2, 3)).toBe(
      ['    1 │ one:', '    2 │   two: 3', '      │   ^'].join('\n'),
    );
  });

  it('lets no control character reach the terminal and bounds long lines', () => {
    const excerpt = sourceExcerpt(`a\u001b[2J${'x'.repeat(1000)}`, 1, 500);
    expect(excerpt).not.toContain('\u001b');
    expect(Math.max(...excerpt.split('\n').map((line) => line.length))).toBeLessThan(140);
  });
});

describe('place of a problem', () => {
  it('reads a field as a path of the document', () => {
    expect(documentPath('model.layers[3].kernel')).toEqual(['model', 'layers', 3, 'kernel']);
  });

  it('leaves errors without a field as they are', () => {
    const error = new Error('other');
    expect(locateProblems(error, parseYaml('a: 1'))).toBe(error);
  });
});
