import { activationReference } from '../activation-reference.js';

/** The derivative at 0 is 0. */
export const reluReference = activationReference(
  'relu',
  (x) => (x > 0 ? x : 0),
  (y) => (y > 0 ? 1 : 0),
);
