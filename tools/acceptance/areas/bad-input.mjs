// What a user reads when something is wrong: one message with what to do, an exit code that tells who has to act.
import { completed, lastJson, lockstep, sameOutcome } from '../lockstep.mjs';
import { wrongCommands } from './bad-input/commands.mjs';
import { damages } from './bad-input/damages.mjs';
import { wrongData } from './bad-input/data.mjs';
import { wrongSpecs } from './bad-input/specs.mjs';

/** Lines of a stack, names of our files, and words that only a program that broke prints. */
const innards = [
  /^\s+at .+[:(]\d+/m,
  /node:internal/,
  /internal error/,
  /\bundefined\b/,
  /\[object Object\]/,
  /\bNaN\b/,
  /packages\/[a-z-]+\/dist\//,
  // Colours belong on a terminal, and what a document says must not reach it as an order.
  /\u001b/,
];

/** What is wrong with how a command ended, as sentences. */
export function problemsOf(end, { code, says }) {
  const text = `${end.stderr}\n${end.stdout}`;
  const problems = [];
  if (end.code !== code) problems.push(`exit code ${end.code ?? end.signal} instead of ${code}`);
  for (const pattern of says) if (!pattern.test(text)) problems.push(`does not say ${pattern}`);
  for (const pattern of innards) if (pattern.test(text)) problems.push(`shows ${pattern.exec(text)[0].trim()}`);
  if (end.left.length > 0) problems.push(`leaves processes: ${end.left.join(', ')}`);
  return problems;
}

/** The lines that matter: errors, warnings, and what follows them. */
function shown(end, place) {
  const text = end.stderr.trim() === '' ? end.stdout : end.stderr;
  const lines = text.replaceAll(place, '…').split('\n');
  const first = lines.findIndex((line) => /error|warning|unknown|missing/.test(line));
  return lines.slice(Math.max(0, first)).join('\n').trimEnd();
}

export const badInput = {
  name: 'bad-input',
  title: 'Bad input: the message as a user sees it, and the exit code',
  cases: ({ folder }) =>
    [...wrongSpecs, ...wrongData, ...wrongCommands, ...damages].map((item) => ({
      name: item.name,
      title: item.title,
      wants: `exit ${item.code}${item.completes ? ', the same digests' : ''}, a message that says what to do`,
      async run() {
        const place = folder();
        const { args, whole, cleanUp = () => undefined, ...options } = await item.prepare(place);
        const end = await lockstep(args, { cwd: place, limitMs: 180_000, ...options }).finally(() => cleanUp(place));
        const problems = problemsOf(end, item);
        if (item.completes && end.code === 0 && !sameOutcome(completed(end), whole)) {
          problems.push(`another digest: ${lastJson(end)?.stateDigest}`);
        }
        return {
          passed: problems.length === 0,
          got: problems.length === 0 ? `exit ${end.code}` : problems.join('; '),
          shown: shown(end, place),
        };
      },
    })),
};
