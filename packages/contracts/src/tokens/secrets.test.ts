import { describe, expect, it } from 'vitest';
import { formatSecret, secretBytes, secretKind } from './secrets.js';

const random = Uint8Array.from({ length: secretBytes }, (_, index) => index * 13);

describe('secrets', () => {
  it('carry their kind and a checksum', () => {
    const secret = formatSecret('token', random);
    expect(secret).toMatch(/^lst_[a-z2-7]{39}$/);
    expect(secretKind(secret)).toBe('token');
    expect(secretKind(formatSecret('node', random))).toBe('node');
    expect(formatSecret('token', new Uint8Array(secretBytes)).slice(4, 36)).toBe('a'.repeat(32));
  });

  it('are refused with one wrong letter anywhere, cut, lengthened or of another kind', () => {
    const secret = formatSecret('token', random);
    for (let index = 0; index < secret.length; index++) {
      const letter = secret[index] === 'b' ? 'c' : 'b';
      expect(secretKind(`${secret.slice(0, index)}${letter}${secret.slice(index + 1)}`), `at ${index}`).toBeNull();
    }
    for (const wrong of [
      '',
      'lst_',
      secret.slice(0, -1),
      `${secret}a`,
      secret.replace('lst', 'lsn'),
      secret.toUpperCase(),
    ])
      expect(secretKind(wrong)).toBeNull();
  });

  it('need all of their random bytes', () => {
    expect(() => formatSecret('token', random.subarray(1))).toThrow(/20 random bytes/);
  });
});
