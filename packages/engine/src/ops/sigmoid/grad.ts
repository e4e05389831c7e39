import { activationGradient } from '../activation-gradient.js';

/** dx = dy * y * (1 - y). */
export const sigmoidGradient = activationGradient('sigmoid');
