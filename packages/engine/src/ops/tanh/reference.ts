import { activationReference } from '../activation-reference.js';

export const tanhReference = activationReference('tanh', Math.tanh, (y) => 1 - y * y);
