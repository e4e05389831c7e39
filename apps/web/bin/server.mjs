// Starts the web application: `next start` behind a server of our own, which knows who the peer is, gives every request
// an id, and ends with its connections.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

process.env.NEXT_TELEMETRY_DISABLED = '1';
const { env } = process;
const isDevelopment = env.LOCKSTEP_WEB_DEV === '1';
process.env.NODE_ENV = isDevelopment ? 'development' : 'production';
const { default: next } = await import('next');

const hostname = env.LOCKSTEP_WEB_HOST ?? '127.0.0.1';
const port = Number(env.LOCKSTEP_WEB_PORT ?? 3000);
/** Addresses whose X-Forwarded-For is believed. */
const trustedProxies = new Set((env.LOCKSTEP_TRUSTED_PROXIES ?? '').split(',').map(plainAddress).filter(Boolean));

if (!Number.isInteger(port) || port < 0 || port > 65535)
  stop(`LOCKSTEP_WEB_PORT: expected a port, got "${env.LOCKSTEP_WEB_PORT}".`);

const app = next({
  dev: isDevelopment,
  webpack: isDevelopment,
  dir: fileURLToPath(new URL('..', import.meta.url)),
  hostname,
  port,
});
try {
  await app.prepare();
} catch (error) {
  stop(`The web application cannot start: ${error.message}\nIs it built? npm run build -w @lockstep/web builds it.`);
}
const handle = app.getRequestHandler();

const server = createServer((request, response) => {
  identify(request);
  response.setHeader('X-Request-Id', request.headers['x-lockstep-request-id']);
  keepLength(response);
  handle(request, response).catch(() => response.destroy());
});
// Blobs of gigabytes take their time; headers do not. Agents keep their connections.
server.requestTimeout = 3_600_000;
server.headersTimeout = 20_000;
server.keepAliveTimeout = 75_000;
server.on('error', (error) => {
  if (error.code === 'EADDRINUSE') {
    stop(`Port ${port} of ${hostname} is in use by another program. Choose another one: LOCKSTEP_WEB_PORT=<port>.`);
  }
  if (error.code === 'EACCES') stop(`Port ${port} of ${hostname} may not be used by this user. Choose one above 1023.`);
  stop(`The web application cannot listen on ${hostname}:${port}: ${error.message}`);
});
server.listen(port, hostname, () => {
  const { address, port: found } = server.address();
  console.log(`Lockstep web listens on http://${address.includes(':') ? `[${address}]` : address}:${found}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => shutDown());

/** No new connections; what is under way has a moment, live streams are cut and resume elsewhere. */
function shutDown() {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), 1500).unref();
  setTimeout(() => process.exit(0), 4000).unref();
}

/** Sets what the application reads of peer and request, after dropping what the client said under these names. */
function identify(request) {
  const peer = plainAddress(request.socket.remoteAddress ?? '');
  const forwarded = request.headers['x-forwarded-for'];
  for (const name of Object.keys(request.headers)) {
    if (
      name.startsWith('x-lockstep-') ||
      name.startsWith('x-forwarded-') ||
      name === 'forwarded' ||
      name === 'x-nonce'
    ) {
      delete request.headers[name];
    }
  }
  request.headers['x-lockstep-address'] = trustedProxies.has(peer) ? clientOf(String(forwarded ?? ''), peer) : peer;
  request.headers['x-lockstep-request-id'] = randomUUID();
}

/** Next takes Content-Length away from streams, so it comes under another name: readers see how much there is, and cuts. */
function keepLength(response) {
  const writeHead = response.writeHead;
  response.writeHead = (...args) => {
    const bytes = response.getHeader('x-lockstep-bytes');
    if (bytes !== undefined) {
      response.removeHeader('x-lockstep-bytes');
      response.setHeader('Content-Length', bytes);
    }
    return writeHead.apply(response, args);
  };
}

/** The last address that no trusted proxy has. */
function clientOf(forwarded, peer) {
  const chain = forwarded.split(',').map(plainAddress).filter(Boolean);
  return chain.findLast((address) => !trustedProxies.has(address)) ?? peer;
}

function plainAddress(address) {
  return address.trim().replace(/^::ffff:(?=\d+\.)/, '');
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
