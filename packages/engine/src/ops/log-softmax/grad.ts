import { activationGradient } from '../activation-gradient.js';

/** dx = dy - exp(y) * sum(dy). */
export const logSoftmaxGradient = activationGradient('logSoftmax');
