import { activationReference } from '../activation-reference.js';

export const sigmoidReference = activationReference(
  'sigmoid',
  (x) => 1 / (1 + Math.exp(-x)),
  (y) => y * (1 - y),
);
