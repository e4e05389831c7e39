import { createServer } from 'node:net';

/**
 * A port of 127.0.0.1 that is free now.
 *
 * @param {number} [wanted] is taken if it is free, so that an address outlives a restart
 * @returns {Promise<number>}
 */
export function freePort(wanted = 0) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (wanted === 0 ? reject(error) : freePort().then(resolve, reject)));
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
