import { activationGradient } from '../activation-gradient.js';

/** dx = dy where y > 0, else 0. */
export const reluGradient = activationGradient('relu');
