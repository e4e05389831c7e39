// Ranks that agree on one number at a time over Unix sockets, in place of Gloo: rank 0 collects, takes the largest and
// answers. Like the real communicator it has a deadline, notices a lost peer, and is dead after its first failure.
import { mkdtempSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/contracts';

export function createCommunicatorDouble({ rank, worldSize, timeoutMs, folder }) {
  const path = join(mkdtempSync(join(folder, 'peer-')), 'socket');
  const peers = new Map();
  const inbox = new Map();
  let changed = () => undefined;
  let lost = false;
  const fail = () => {
    lost = true;
    changed();
  };

  const attach = (socket, peer) => {
    peers.set(peer, socket);
    inbox.set(peer, []);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes;
      const lines = text.split('\n');
      text = lines.pop();
      inbox.get(peer).push(...lines.map(Number));
      changed();
    });
    socket.on('close', fail);
    socket.on('error', fail);
    changed();
  };
  const until = (condition) =>
    new Promise((resolve, reject) => {
      const refuse = () => {
        lost = true;
        changed = () => undefined;
        reject(new LockstepError('infrastructure.peer-lost', `Rank ${rank} waited for a peer in vain.`));
      };
      const timer = setTimeout(refuse, timeoutMs);
      changed = () => {
        if (condition()) {
          clearTimeout(timer);
          changed = () => undefined;
          resolve();
        } else if (lost) {
          clearTimeout(timer);
          refuse();
        }
      };
      changed();
    });

  const server = createServer((socket) => {
    socket.once('data', (bytes) => {
      const [peer, ...rest] = bytes.toString().split('\n');
      attach(socket, Number(peer));
      if (rest.join('\n') !== '') socket.emit('data', Buffer.from(rest.join('\n')));
    });
  });
  const listening = new Promise((resolve) => server.listen(path, resolve));

  return {
    address: async () => {
      await listening;
      return Buffer.from(path);
    },
    connect: async (addresses) => {
      if (rank === 0) return until(() => peers.size === worldSize - 1);
      const socket = connect(Buffer.from(addresses[0]).toString());
      await new Promise((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', () => reject(new LockstepError('infrastructure.peer-lost', 'Rank 0 is not there.')));
      });
      socket.write(`${rank}\n`);
      attach(socket, 0);
    },
    close: () => {
      server.close();
      for (const socket of peers.values()) socket.destroy();
    },
    /** The largest word of all ranks. */
    agree: async (word) => {
      if (rank !== 0) {
        peers.get(0).write(`${word}\n`);
        await until(() => inbox.get(0).length > 0);
        return inbox.get(0).shift();
      }
      await until(() => [...inbox.values()].every((words) => words.length > 0));
      const largest = Math.max(word, ...[...inbox.values()].map((words) => words.shift()));
      for (const socket of peers.values()) socket.write(`${largest}\n`);
      return largest;
    },
  };
}
