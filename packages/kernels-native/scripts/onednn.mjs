import { createHash } from 'node:crypto';

/** oneDNN 3.2.0 as PyPI wheels: the runtime (libdnnl.so.3) and the headers, pinned by SHA-256. */
export const oneDnnWheels = [
  {
    name: 'onednn-cpu-gomp',
    version: '2023.2.0',
    sha256: '2f22a54d6a890ed14bfa185d42a4be65d8b5b1df85dc1f0f3a9abe31620416fb',
  },
  {
    name: 'onednn-devel-cpu-gomp',
    version: '2023.2.0',
    sha256: '9763c69e8c907e119056bd52ad918ca84ac9ba939d130a99dfa95ccca3e5e284',
  },
];

/** `null`, or what is wrong with the bytes of a wheel and what to do. */
export function verifyWheel(wheel, bytes) {
  const got = createHash('sha256').update(bytes).digest('hex');
  if (got === wheel.sha256) return null;
  return (
    `the download of ${wheel.name} ${wheel.version} is not the file that this build is pinned to: expected SHA-256 ${wheel.sha256}, ` +
    `got ${got}. Nothing was installed. Check which package index pip uses (pip config list), then try again.`
  );
}
