/**
 * Secrets of the product: a prefix that tells the kind, 160 random bits in base 32, and a checksum, so that a mistyped or
 * cut one is refused without a look into the database, and scanners find leaked ones.
 */
export const secretPrefixes = { token: 'lst', node: 'lsn', invitation: 'lsi', passwordReset: 'lsr' } as const;
export type SecretKind = keyof typeof secretPrefixes;

/** Random bytes that a secret needs. */
export const secretBytes = 20;

/** RFC 4648, lower case. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const randomCharacters = (secretBytes * 8) / 5;
/** 32 bits of checksum. */
const checkCharacters = 7;

/** `lst_` + 32 characters + 7 of checksum. @param random exactly `secretBytes` bytes from a secure source */
export function formatSecret(kind: SecretKind, random: Uint8Array): string {
  if (random.length !== secretBytes)
    throw new Error(`a secret needs ${secretBytes} random bytes, got ${random.length}`);
  const body = `${secretPrefixes[kind]}_${base32(random)}`;
  return `${body}${checksum(body)}`;
}

/** The kind of a well-formed secret; null for anything else. It says nothing about whether the secret is valid. */
export function secretKind(text: string): SecretKind | null {
  const match = /^(ls[a-z])_([a-z2-7]+)$/.exec(text);
  const kind = (Object.keys(secretPrefixes) as SecretKind[]).find((name) => secretPrefixes[name] === match?.[1]);
  if (kind === undefined || match?.[2]?.length !== randomCharacters + checkCharacters) return null;
  const body = text.slice(0, -checkCharacters);
  return checksum(body) === text.slice(-checkCharacters) ? kind : null;
}

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >>> bits) & 31];
    }
  }
  return bits === 0 ? text : text + alphabet[(value << (5 - bits)) & 31];
}

function checksum(text: string): string {
  const crc = crc32(text);
  return base32(Uint8Array.of(crc >>> 24, crc >>> 16, crc >>> 8, crc));
}

/** CRC-32 of IEEE 802.3 over ASCII text. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index++) {
    crc ^= text.charCodeAt(index) & 0xff;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
