import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Packages that Node loads itself on the server, so that there is one copy of each in the process. Next does that for
 * packages of node_modules only, and those of this repository are links.
 */
const external = /^(@lockstep\/|@temporalio\/client$|better-auth($|\/)|swagger-ui-dist\/)/;

/** @type {import('next').NextConfig} */
export default {
  distDir: process.env.LOCKSTEP_WEB_DIST ?? '.next',
  poweredByHeader: false,
  reactStrictMode: true,
  // Pages and scripts; answers of interfaces say that they go as they are: they are small, secret, or streams.
  compress: true,
  outputFileTracingRoot: root,
  // `npm run check` does, once for everything.
  typescript: { ignoreBuildErrors: true },
  webpack: (config, { isServer }) => {
    config.resolve.extensionAlias = { '.js': ['.ts', '.tsx', '.js'] };
    if (isServer) {
      config.externals.push(({ request }, done) => (external.test(request) ? done(null, `module ${request}`) : done()));
    }
    return config;
  },
};
