import { randomBytes } from 'node:crypto';

const prefixes = {
  organisation: 'org',
  invitation: 'inv',
  passwordReset: 'rst',
  project: 'prj',
  experiment: 'exp',
  run: 'run',
  pool: 'pool',
  node: 'node',
  allocation: 'alc',
  dataset: 'ds',
  datasetVersion: 'dsv',
  artifactVersion: 'art',
  checkpoint: 'ckp',
  token: 'tok',
  audit: 'aud',
} as const;

/** `run_0190…`: a prefix that tells the kind, and a UUID of version 7, so that ids of one process sort by their time. */
export function newId(kind: keyof typeof prefixes): string {
  return `${prefixes[kind]}_${uuidV7(Date.now())}`;
}

let lastMs = 0;
let count = 0;

/** RFC 9562: 48 bits of milliseconds, 12 bits that count within one of them, 62 random bits. */
function uuidV7(nowMs: number): string {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    count = 0;
  } else if (++count > 0xfff) {
    lastMs++;
    count = 0;
  }
  const bytes = randomBytes(16);
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | count, 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
