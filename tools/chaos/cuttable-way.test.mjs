import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { openWay } from './cuttable-way.mjs';

const closings = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** A server that says everything back, and a way to it. */
async function begin() {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closings.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const way = await openWay(server.address().port);
  closings.push(way.close);
  return way;
}

async function open({ port }) {
  const socket = connect({ port, host: '127.0.0.1' });
  closings.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function said(socket) {
  const [bytes] = await once(socket, 'data');
  return String(bytes);
}

it('carries both directions', async () => {
  const socket = await open(await begin());
  socket.write('a');
  expect(await said(socket)).toBe('a');
});

it('delivers after it is restored what was sent while it was cut, on old and on new connections', async () => {
  const way = await begin();
  const old = await open(way);
  old.write('a');
  expect(await said(old)).toBe('a');
  way.cut();
  const fresh = await open(way);
  const heard = [];
  for (const socket of [old, fresh]) socket.on('data', (bytes) => heard.push(String(bytes)));
  old.write('b');
  fresh.write('c');
  // Another way to the same process shows that time has passed for everybody.
  const other = await open(await begin());
  other.write('d');
  expect(await said(other)).toBe('d');
  expect(heard).toEqual([]);
  const both = Promise.all([said(old), said(fresh)]);
  way.restore();
  expect(await both).toEqual(['b', 'c']);
});
