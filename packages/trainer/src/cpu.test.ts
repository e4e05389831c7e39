import { describe, expect, it } from 'vitest';
import { isasOf } from './cpu.js';

describe('instruction sets of a CPU', () => {
  it('reads them from the flags, best first', () => {
    expect(isasOf('flags\t\t: fpu avx avx2 fma avx512f avx512dq avx512bw avx512vl\n')).toEqual(['avx512_core', 'avx2']);
    expect(isasOf('flags\t\t: fpu avx avx2 fma avx512f\n')).toEqual(['avx2']);
    expect(isasOf('flags\t\t: fpu sse2\n')).toEqual([]);
    expect(isasOf('Features : neon')).toEqual([]);
  });
});
