import { LockstepError } from '@lockstep/contracts';

/** A whole number from an option. Throws `bad-input.option` naming the option and its bounds. */
export function wholeNumber(option: string, minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = /^[+-]?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= minimum && value <= maximum) return value;
    throw new LockstepError(
      'bad-input.option',
      `${option}: expected a whole number from ${minimum} to ${maximum}, got "${text}".`,
    );
  };
}

/** Seconds from an option, also with a fraction. Throws `bad-input.option`. */
export function secondsOption(option: string, minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= minimum && value <= maximum) return value;
    throw new LockstepError(
      'bad-input.option',
      `${option}: expected seconds from ${minimum} to ${maximum}, got "${text}".`,
    );
  };
}
