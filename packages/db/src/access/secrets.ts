import { createHash, randomBytes } from 'node:crypto';
import { formatSecret, type SecretKind, secretBytes } from '@lockstep/contracts';

export interface NewSecret {
  /** Shown once. */
  readonly secret: string;
  /** What is stored. */
  readonly hash: Uint8Array<ArrayBuffer>;
  /** Enough to recognise it by in a list. */
  readonly hint: string;
}

export function newSecret(kind: SecretKind): NewSecret {
  const secret = formatSecret(kind, randomBytes(secretBytes));
  return { secret, hash: hashSecret(secret), hint: secret.slice(0, 8) };
}

/** SHA-256 suffices: secrets have 160 random bits, nobody guesses their way to one. */
export function hashSecret(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(secret, 'utf8').digest());
}
