// What the acceptance run found, as text for the terminal and as markdown for people who were not there.
const mark = ({ passed }) => (passed ? 'ok' : 'FAILED');

/** One line a case. */
export function caseLine({ area, name, title, got, passed, seconds }) {
  return `${mark({ passed }).padEnd(6)} ${`${area}/${name}`.padEnd(42)} ${title}\n       ${got.replaceAll('\n', '\n       ')}  (${seconds.toFixed(0)} s)`;
}

export function count(results) {
  const passed = results.filter((result) => result.passed).length;
  return `${passed} passed, ${results.length - passed} failed`;
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', '<br>');

/** @param {{ areas: { name: string, title: string }[], results: object[], facts: [string, string][] }} report */
export function markdown({ areas, results, facts }) {
  const parts = ['# Acceptance', '', `${count(results)}.`, '', ...facts.map(([name, value]) => `- ${name}: ${value}`)];
  for (const { name, title } of areas) {
    const own = results.filter(({ area }) => area === name);
    if (own.length === 0) continue;
    parts.push('', `## ${title}`, '', '| case | wanted | found | s | |', '|---|---|---|---:|---|');
    for (const result of own) {
      parts.push(
        `| ${cell(result.title)} | ${cell(result.wants)} | ${cell(result.got)} | ${result.seconds.toFixed(0)} | ${mark(result)} |`,
      );
    }
    for (const result of own.filter(({ shown }) => shown !== undefined)) {
      parts.push('', `${result.title}:`, '', '```', result.shown, '```');
    }
  }
  return `${parts.join('\n')}\n`;
}
