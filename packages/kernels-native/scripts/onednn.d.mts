export interface Wheel {
  name: string;
  version: string;
  sha256: string;
}

export const oneDnnWheels: readonly Wheel[];
/** `null`, or what is wrong with the bytes of a wheel and what to do. */
export function verifyWheel(wheel: Wheel, bytes: Uint8Array): string | null;
