// Who may import whom. The table is in ARCHITECTURE.md; every break is an error and there is no list of exceptions.
// tools/lib/boundaries.mjs runs it and also fails if fewer modules were seen than the tree has.

/** Layers inside the engine, low to high: a file imports its own layer and lower ones. */
const engineLayers = [
  ['graph', 'random'],
  ['ops'],
  ['autograd', 'nn', 'optim', 'data', 'state'],
  ['resolve', 'plan', 'inspect'],
  ['backend', 'comm'],
  ['dist'],
  ['train'],
];

const tests = '\\.test\\.ts$';

const layerRules = engineLayers.slice(0, -1).map((folders, index) => ({
  name: `engine-${folders[0]}-imports-lower-layers-only`,
  severity: 'error',
  comment: `engine/${folders.join(', ')} may not import ${engineLayers
    .slice(index + 1)
    .flat()
    .join(', ')} or the entries above them.`,
  from: { path: `^packages/engine/src/(${folders.join('|')})/`, pathNot: tests },
  to: {
    path: `^packages/engine/src/(((${engineLayers
      .slice(index + 1)
      .flat()
      .join('|')})/)|[^/]+\\.ts$)`,
  },
}));

/** What `name` may import of our packages; `allowed` matches paths of other packages. */
function packageRule(name, allowed) {
  return {
    name: `${name}-imports`,
    severity: 'error',
    from: { path: `^packages/${name}/` },
    to: {
      path: '^packages/',
      pathNot: [`^packages/${name}/`, ...allowed],
    },
  };
}

module.exports = {
  forbidden: [
    packageRule('contracts', []),
    packageRule('kernels-native', []),
    packageRule('engine', ['^packages/contracts/', '^packages/kernels-native/lib/']),
    packageRule('trainer', [
      '^packages/contracts/',
      '^packages/engine/dist/(train|native)-entry\\.',
      // What tests of ranks run on: a stand-in for a session, and small images.
      '^packages/engine/test/(session-double|tiny-images)\\.',
    ]),
    packageRule('db', ['^packages/contracts/']),
    packageRule('cli', [
      '^packages/contracts/',
      '^packages/engine/dist/graph-entry\\.',
      '^packages/trainer/dist/index\\.',
    ]),
    {
      name: 'web-imports',
      severity: 'error',
      comment: 'No Prisma client, no native code, no trainer: of that only the reading of datasets, to show them.',
      from: { path: '^apps/web/src/' },
      to: {
        path: ['^packages/', '^apps/'],
        pathNot: [
          '^apps/web/src/',
          '^packages/(contracts|db)/dist/index\\.',
          '^packages/engine/dist/graph-entry\\.',
          '^packages/trainer/dist/datasets-entry\\.',
        ],
      },
    },
    {
      name: 'datasets-entry-trains-nothing',
      severity: 'error',
      comment: 'The web application reads datasets; it must not come to ranks, processes or native code that way.',
      from: { path: '^packages/trainer/src/datasets-entry\\.ts$' },
      to: {
        reachable: true,
        path: [
          '^packages/trainer/src/(?!datasets|disk)',
          '^packages/engine/dist/native-entry\\.',
          '^packages/kernels-native/',
        ],
      },
    },
    {
      name: 'web-client-imports',
      severity: 'error',
      comment: 'What a browser loads knows the server by its types only.',
      from: { path: '^apps/web/src/(features|ui)/' },
      to: { path: ['^packages/(db|trainer)/', '^apps/web/src/(server|env)'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'web-design-system-fetches-nothing',
      severity: 'error',
      from: { path: '^apps/web/src/ui/' },
      to: { path: '^apps/web/src/(features|server|app)/' },
    },
    {
      name: 'worker-workflows-imports',
      severity: 'error',
      comment: 'A workflow is replayed: it may reach nothing but messages, names and its own state.',
      from: { path: '^apps/worker/src/workflows/', pathNot: tests },
      to: {
        pathNot: [
          '^apps/worker/src/workflows/',
          '^packages/contracts/dist/workflows-entry\\.',
          '^node_modules/@temporalio/workflow/',
        ],
      },
    },
    {
      name: 'worker-control-imports',
      severity: 'error',
      from: { path: '^apps/worker/src/(activities|control)/' },
      to: {
        path: ['^packages/', '^apps/'],
        pathNot: [
          '^apps/worker/src/(activities|control|logging|workflows)/',
          '^packages/(contracts|db)/',
          '^packages/engine/dist/graph-entry\\.',
        ],
      },
    },
    {
      name: 'worker-agent-imports',
      severity: 'error',
      comment: 'An agent holds no database credential: it speaks to the node API.',
      from: { path: '^apps/worker/src/agent/' },
      to: {
        path: ['^packages/', '^apps/'],
        pathNot: ['^apps/worker/src/(agent|logging)/', '^packages/contracts/', '^packages/trainer/dist/index\\.'],
      },
    },
    {
      name: 'kernels-only-behind-their-interfaces',
      severity: 'error',
      comment: 'The addon is reached through backend/native and comm/gloo, so that another backend can take its place.',
      from: {
        path: '^packages/engine/',
        pathNot: ['^packages/engine/src/(backend/native|comm/gloo)', '^packages/engine/(test|bench)/', tests],
      },
      to: { path: '^packages/kernels-native/' },
    },
    ...layerRules,
    {
      name: 'graph-entry-is-browser-safe',
      severity: 'error',
      comment: 'What a browser loads may not reach Node, the backend or what stands above it.',
      from: { path: '^packages/engine/src/graph-entry\\.ts$' },
      to: {
        reachable: true,
        path: [
          '^packages/engine/src/(backend|comm|dist|train|compose)',
          '^packages/kernels-native/',
          '^(node:)?(fs|crypto|path|os|net|child_process|worker_threads|buffer|stream|zlib)(/|$)',
        ],
      },
    },
    {
      name: 'engine-gets-its-world-passed-in',
      severity: 'error',
      comment:
        'Disk, network, clock and processes are passed into the engine; compose.ts is the one place that names them.',
      from: { path: '^packages/engine/src/', pathNot: ['^packages/engine/src/compose\\.ts$', tests] },
      to: {
        dependencyTypes: ['core'],
        path: '^(node:)?(fs|net|http|http2|https|tls|dgram|dns|child_process|cluster|os|process|timers|perf_hooks|worker_threads)(/|$)',
      },
    },
    {
      name: 'no-tools-at-run-time',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: '^(packages|apps)/[^/]+/test/' },
      to: { path: '^tools/' },
    },
    {
      name: 'tools-stand-alone',
      severity: 'error',
      comment: 'Set-up runs before anything is installed.',
      from: { path: '^tools/', pathNot: '\\.test\\.mjs$' },
      to: { pathNot: '^tools/', dependencyTypesNot: ['core'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-undeclared-dependency',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: [tests, '^(packages|apps)/[^/]+/(test|bench)/'] },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], pathNot: '^node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^(packages|apps)/[^/]+/dist'] },
    exclude: { path: ['^packages/db/src/generated/', '^packages/[^/]+/build'] },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
    extraExtensionsToScan: [],
  },
};
