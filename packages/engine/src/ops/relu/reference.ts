import { activationReference } from '../activation-reference.js';

/** The derivative at 0 is 0. A NaN stays a NaN, so that it reaches the loss and is seen. */
export const reluReference = activationReference(
  'relu',
  (x) => Math.max(x, 0),
  (y) => (y > 0 ? 1 : 0),
);
