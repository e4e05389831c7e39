// A TCP connection that can be cut as a network cuts it: nothing arrives any more, and neither side is told.
import { connect, createServer } from 'node:net';

/**
 * @param {number} port where connections go to, on 127.0.0.1
 * @returns {Promise<{ port: number, cut: () => void, restore: () => void, close: () => Promise<void> }>} after `restore`
 *   what was on its way arrives, as it does when a network comes back before TCP has given up
 */
export async function openWay(port) {
  const pairs = new Set();
  let isCut = false;
  const server = createServer({ pauseOnConnect: true }, (near) => {
    const pair = { near, far: null };
    pairs.add(pair);
    near.on('error', () => near.destroy());
    near.on('close', () => drop(pair));
    if (!isCut) join(pair);
  });
  const drop = (pair) => {
    pairs.delete(pair);
    pair.near.destroy();
    pair.far?.destroy();
  };
  const join = (pair) => {
    const { near } = pair;
    const far = connect({ port, host: '127.0.0.1' });
    pair.far = far;
    for (const socket of [near, far]) socket.setNoDelay(true);
    far.on('error', () => drop(pair));
    far.on('close', () => drop(pair));
    carry(near, far);
    carry(far, near);
    near.resume();
  };
  const carry = (from, to) => {
    from.on('data', (bytes) => {
      if (to.write(bytes)) return;
      from.pause();
      to.once('drain', () => {
        if (!isCut) from.resume();
      });
    });
    from.on('end', () => to.end());
  };
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: server.address().port,
    cut: () => {
      isCut = true;
      for (const { near, far } of pairs) for (const socket of [near, far]) socket?.pause();
    },
    restore: () => {
      isCut = false;
      for (const pair of pairs) {
        if (pair.far === null) join(pair);
        else for (const socket of [pair.near, pair.far]) socket.resume();
      }
    },
    close: async () => {
      for (const pair of pairs) drop(pair);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
