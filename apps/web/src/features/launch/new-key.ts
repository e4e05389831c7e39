/** A random key of 128 bits. `crypto.randomUUID` is only there on pages of https and of this machine. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
