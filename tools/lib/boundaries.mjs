// Import rules (.dependency-cruiser.cjs) and rules on what source text may name.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './paths.mjs';
import { runCommand } from './run-command.mjs';

const sourceFolders = ['bin', 'src', 'lib', 'scripts', 'test', 'bench'];
// Built files are beside these folders; engine/src/dist is source. What a generator writes is checked nowhere.
const skipped = new Set(['node_modules', 'golden', 'generated']);

function sourcesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : sourcesBelow(path);
    return /\.(tsx?|mts|mjs|cjs|js)$/.test(entry.name) ? [relative(root, path)] : [];
  });
}

/** Source files of the tree, relative to its root. */
export function sourceFiles() {
  const packages = ['packages', 'apps'].flatMap((kind) =>
    readdirSync(join(root, kind), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [join(root, kind, entry.name)] : [],
    ),
  );
  const folders = packages.flatMap((path) => {
    const present = new Set(readdirSync(path));
    return sourceFolders.filter((folder) => present.has(folder)).map((folder) => join(path, folder));
  });
  return [...folders, join(root, 'tools')].flatMap(sourcesBelow).sort();
}

/**
 * What may stand only in certain files. Clock, chance and environment are passed in, so that a run is a function of its
 * spec and its data, and so that tests choose them.
 */
const textRules = [
  {
    name: 'process.env',
    pattern: /\bprocess\s*\.\s*env\b/,
    where: /^(packages|apps)\/[^/]+\/src\//,
    except:
      /^(packages\/(cli|trainer|db)\/src\/(testing\/)?|apps\/(web\/src\/|worker\/src\/(agent|control)\/))env\.ts$|^apps\/web\/src\/instrumentation\.ts$/,
    instead: "Read it in the package's env.ts and pass the value on.",
  },
  {
    name: 'Date.now, new Date(), performance.now, Math.random or fetch',
    pattern: /\b(Date\s*\.\s*now|new\s+Date\s*\(|performance\s*\.\s*now|Math\s*\.\s*random|fetch\s*\()/,
    where: /^packages\/(engine|contracts)\/src\//,
    except: /^packages\/engine\/src\/compose\.ts$/,
    instead: 'Let the caller pass it in; compose.ts is the one file of the engine that names it.',
  },
];

function withoutComments(text) {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}

/** Breaks of the text rules in one file, as sentences. */
export function textViolations(file, text) {
  const rules = textRules.filter(
    ({ where, except }) => where.test(file) && !except.test(file) && !/\.test\.ts$/.test(file),
  );
  if (rules.length === 0) return [];
  const lines = withoutComments(text).split('\n');
  return rules.flatMap(({ name, pattern, instead }) =>
    lines.flatMap((line, index) =>
      pattern.test(line) ? [`${file}:${index + 1}: ${name} may not stand here. ${instead}`] : [],
    ),
  );
}

/** @returns {Promise<{ modules: number, violations: string[] }>} */
export async function checkBoundaries(logFile) {
  const files = sourceFiles();
  const violations = files.flatMap((file) => textViolations(file, readFileSync(join(root, file), 'utf8')));
  const { output } = await runCommand(
    process.execPath,
    [join('node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs'), '--output-type', 'json', ...files],
    { logFile, allowFailure: true },
  );
  const { modules, summary } = JSON.parse(output);
  for (const { from, to, rule } of summary.violations) violations.push(`${from} -> ${to} (${rule.name})`);
  // A parser that does not know a language version sees nothing in it, and finds nothing wrong.
  const seen = new Set(modules.map(({ source }) => source));
  for (const file of files)
    if (!seen.has(file) && !file.endsWith('.d.ts')) violations.push(`${file} was not seen by the import check`);
  return { modules: files.length, violations };
}
