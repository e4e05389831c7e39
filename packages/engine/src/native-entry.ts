/** The engine over native kernels and Gloo: what a rank process is made of. */

import type { Communicator } from './comm/communicator.js';
import { GlooCommunicator } from './comm/gloo/gloo-communicator.js';

export { numericClass } from './backend/native/numeric-class.js';
export { createSession, type SessionOptions } from './dist/create-session.js';

/** A communicator that is not connected yet: exchange `address()` among the ranks, then `connect`. */
export function openCommunicator(options: {
  rank: number;
  worldSize: number;
  host: string;
  timeoutMs: number;
}): Communicator {
  return new GlooCommunicator(options);
}

/** For rank processes: the operating system ends this process when its parent ends, also while it is stopped by a signal. */
export { endWithParent } from './backend/native/end-with-parent.js';
