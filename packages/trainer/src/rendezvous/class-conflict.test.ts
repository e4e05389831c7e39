import { describe, expect, it } from 'vitest';
import { classConflict } from './class-conflict.js';

const value = (rank: number, id: string, parts: Record<string, string>) => ({
  rank,
  nonce: 'n',
  address: '',
  numericClass: { id: id.repeat(64), parts },
});

describe('numeric classes of ranks', () => {
  it('finds no conflict in one class', () => {
    expect(classConflict([value(0, 'a', { isa: 'avx2' }), value(1, 'a', { isa: 'avx2' })])).toBeNull();
  });

  it('names the rank and the parts that differ', () => {
    const conflict = classConflict([
      value(0, 'a', { isa: 'avx512_core', probe: 'p' }),
      value(1, 'a', { isa: 'avx512_core', probe: 'p' }),
      value(2, 'b', { isa: 'avx2', probe: 'p' }),
    ]);
    expect(conflict).toMatch(/^Rank 2 .*isa "avx512_core" against "avx2"\./);
  });
});
