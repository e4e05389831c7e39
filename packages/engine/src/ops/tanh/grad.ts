import { activationGradient } from '../activation-gradient.js';

/** dx = dy * (1 - y^2). */
export const tanhGradient = activationGradient('tanh');
