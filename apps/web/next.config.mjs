import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** @type {import('next').NextConfig} */
export default {
  distDir: process.env.LOCKSTEP_WEB_DIST ?? '.next',
  poweredByHeader: false,
  reactStrictMode: true,
  // Answers are small or streams; a proxy in front may compress.
  compress: false,
  turbopack: { root },
  outputFileTracingRoot: root,
  // They stay what Node loads: one copy in the process, with their native and generated parts.
  serverExternalPackages: [
    '@lockstep/contracts',
    '@lockstep/db',
    '@lockstep/engine',
    '@temporalio/client',
    'better-auth',
  ],
};
