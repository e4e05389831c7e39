// The results as a table.
import { spread } from './recovery.mjs';

const fixed = (value) => (value === null || value === undefined ? '–' : value.toFixed(1));

/** @returns {object[]} one row a case: how many moments, how many of them without a fault, seconds */
export function summarise(results) {
  const names = [...new Set(results.map(({ name }) => name))];
  return names.map((name) => {
    const own = results.filter((result) => result.name === name);
    const of = (key) => spread(own.flatMap((result) => result[key] ?? []));
    return {
      case: name,
      moments: own.length,
      passed: own.filter(({ faults }) => faults.length === 0).length,
      secondsToRecover: of('secondsToRecover'),
      secondsAfterBack: of('secondsAfterBack'),
      secondsToFinish: of('secondsToFinish'),
      longestStall: of('longestStall'),
      longestIdleTraining: of('longestIdleTraining'),
    };
  });
}

export function table(rows) {
  const triple = (value) => (value ? `${fixed(value.min)} / ${fixed(value.median)} / ${fixed(value.max)}` : '–');
  const lines = rows.map((row) => [
    row.case,
    `${row.passed} of ${row.moments}`,
    triple(row.secondsToRecover),
    triple(row.secondsAfterBack),
    fixed(row.longestStall?.max),
    fixed(row.longestIdleTraining?.max),
    fixed(row.secondsToFinish?.max),
  ]);
  const head = [
    'case',
    'passed',
    'recover (min / median / max)',
    'after back',
    'stall, max',
    'idle "training", max',
    'to finish, max',
  ];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
