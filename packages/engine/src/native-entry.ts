/** The engine over native kernels and Gloo: what a rank process is made of. */
import { GlooCommunicator } from './comm/gloo/gloo-communicator.js';
import type { Communicator } from './comm/communicator.js';

export { createSession, type SessionOptions } from './dist/create-session.js';
export { numericClass } from './dist/numeric-class.js';

/** A communicator that is not connected yet: exchange `address()` among the ranks, then `connect`. */
export function openCommunicator(options: { rank: number; worldSize: number; host: string; timeoutMs: number }): Communicator {
  return new GlooCommunicator(options);
}
