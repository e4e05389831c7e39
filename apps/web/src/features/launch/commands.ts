import { type Draft, yamlOf } from './draft.js';

export function tagsOf(draft: Draft): string[] {
  return draft.tags.split(/[\s,]+/).filter((tag) => tag !== '');
}

export function bodyOf(draft: Draft, project: string) {
  const tags = tagsOf(draft);
  return {
    project,
    ...(draft.name.trim() === '' ? {} : { name: draft.name.trim() }),
    ...(tags.length === 0 ? {} : { tags }),
    workers: Number(draft.workers),
    threads: Number(draft.threads),
    spec: yamlOf(draft),
  };
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The same launch for a terminal. */
export function curlOf(draft: Draft, project: string, origin: string): string {
  return [
    `curl -X POST ${origin}/api/v1/runs \\`,
    '  -H "Authorization: Bearer $LOCKSTEP_TOKEN" \\',
    "  -H 'Content-Type: application/json' \\",
    `  -d ${quoted(JSON.stringify(bodyOf(draft, project)))}`,
  ].join('\n');
}

export function cliOf(draft: Draft, project: string): string {
  const name = draft.name.trim();
  return [
    "cat > spec.yaml <<'END'",
    yamlOf(draft).trimEnd(),
    'END',
    [
      `lockstep launch spec.yaml --project ${project} --workers ${draft.workers} --threads ${draft.threads}`,
      ...(name === '' ? [] : [`--name ${quoted(name)}`]),
      ...tagsOf(draft).map((tag) => `--tag ${quoted(tag)}`),
      '--watch',
    ].join(' '),
  ].join('\n');
}
