import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { LockstepError, limits, parseRunSpec, parseYaml, type ResolvedSpec, type RunSpec } from '@lockstep/contracts';
import { resolveRunSpec } from '@lockstep/engine/graph';
import { availableIsas, type ResolvedDataset, resolveDataset } from '@lockstep/trainer';
import { cacheDir, dataDir } from '../env.js';
import { locateProblems } from '../errors/locate-problems.js';
import type { SourceText } from '../errors/report-error.js';

/** What the options of a command change in a spec. */
export interface SpecOverrides {
  seed?: number | undefined;
  lanes?: number | undefined;
}

export interface LoadedSpec {
  source: SourceText;
  resolved: ResolvedSpec;
  dataset: ResolvedDataset;
  /** What the user should know and did not ask for. */
  notices: string[];
}

/** Reads a spec's text. Throws `bad-input.spec-file` where it cannot be read. */
export async function readSource(path: string): Promise<SourceText> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > limits.documentBytes) {
      throw new LockstepError(
        'bad-input.too-large',
        `${path}: a spec may have ${limits.documentBytes} bytes, this file has ${bytes.length}. Name a YAML or JSON file.`,
      );
    }
    return { name: path, text: bytes.toString('utf8') };
  } catch (cause) {
    if (cause instanceof LockstepError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : code;
    throw new LockstepError(
      'bad-input.spec-file',
      `Expected a spec (YAML or JSON) at ${path}, but ${why}. See examples/.`,
      {
        cause,
      },
    );
  }
}

/**
 * Turns a spec's text into the resolved spec: reads it, prepares its dataset, fills every default. Relative folders in a
 * spec are relative to the spec. Errors carry the line of the text.
 */
export async function loadSpec(
  source: SourceText,
  overrides: SpecOverrides,
  log: (line: string) => void,
): Promise<LoadedSpec> {
  const requested = parseRunSpec(source.text, source.name);
  const document = parseYaml(source.text, source.name);
  try {
    const { spec, notices } = withIsa(override(requested, overrides));
    const dataset = await resolveDataset(spec.dataset, {
      cacheDir: cacheDir(),
      dataDir: dataDir(),
      baseDir: dirname(resolve(source.name)),
      log,
    });
    // A model that this machine cannot hold is refused here, before anything is allocated.
    const resolved = resolveRunSpec(spec, dataset.facts, { memoryCapBytes: totalmem() });
    return { source, resolved, dataset, notices };
  } catch (error) {
    throw locateProblems(error, document);
  }
}

function override(spec: RunSpec, { seed, lanes }: SpecOverrides): RunSpec {
  return {
    ...spec,
    ...(lanes === undefined ? {} : { lanes }),
    ...(seed === undefined ? {} : { training: { ...spec.training, seed } }),
  };
}

/** A spec that does not say what to compute with gets the best instruction set that this machine has. */
function withIsa(spec: RunSpec): { spec: RunSpec; notices: string[] } {
  const available = availableIsas();
  const best = available[0];
  if (spec.isa === undefined && best !== undefined && best !== 'avx512_core') {
    const notice =
      `This CPU has no AVX-512: the run computes with ${best}, which is another numeric class. ` +
      'Its weights will differ in bits from those of the same spec on a CPU with AVX-512.';
    return { spec: { ...spec, isa: best }, notices: [notice] };
  }
  return { spec, notices: [] };
}

/** Throws `numerics.class-refused` where this machine cannot compute what a spec asks for. */
export function requireIsa(
  isa: ResolvedSpec['isa'],
  available: readonly ResolvedSpec['isa'][] = availableIsas(),
): void {
  if (available.includes(isa)) return;
  throw new LockstepError(
    'numerics.class-refused',
    `The run computes with ${isa}, which this CPU does not have (it has ${available.join(', ') || 'neither avx512_core nor avx2'}). ` +
      `Run it on another machine${available[0] === undefined ? '' : `, or start a new run with isa: ${available[0]}`}.`,
  );
}
