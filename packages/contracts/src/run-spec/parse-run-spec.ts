import { parseYaml } from '../text/parse-yaml.js';
import { parseWith } from '../text/problems.js';
import { type ResolvedSpec, resolvedSpecSchema } from './resolved-spec.js';
import { type FilledRunSpec, type RunSpec, runSpecSchema } from './run-spec.js';

/**
 * A run spec from YAML or JSON text, exactly as it was written; `fillRunSpec` adds the defaults.
 *
 * @param source name of the text in messages, such as its path
 * @throws LockstepError `bad-input.*` with every problem and its line
 */
export function parseRunSpec(text: string, source = 'run spec'): RunSpec {
  const document = parseYaml(text, source);
  parseWith(runSpecSchema, document.value, { source, document });
  return document.value as RunSpec;
}

/**
 * Checks a requested spec and fills the defaults that need no look at the data.
 *
 * @throws LockstepError `bad-input.*` with every problem
 */
export function fillRunSpec(spec: RunSpec, source = 'run spec'): FilledRunSpec {
  return parseWith(runSpecSchema, spec, { source });
}

/** Checks a resolved spec that comes from a file or a pipe. @throws LockstepError `bad-input.*` */
export function parseResolvedSpec(value: unknown, source = 'resolved spec'): ResolvedSpec {
  return parseWith(resolvedSpecSchema, value, { source });
}
