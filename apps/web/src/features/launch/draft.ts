import {
  type Dataset,
  fillRunSpec,
  isLockstepError,
  type LayerSpec,
  LockstepError,
  type PresetName,
  type Problem,
  parseRunSpec,
  type ResolvedSpec,
  type RunSpec,
} from '@lockstep/contracts';
import { type DatasetFacts, resolveRunSpec } from '@lockstep/engine/graph';
import { stringify } from 'yaml';

/** What the form holds: text as it was typed, so that nothing is lost on the way to a spec. */
export interface Draft {
  readonly name: string;
  readonly tags: string;
  readonly workers: string;
  readonly threads: string;
  readonly source: 'preset' | 'layers' | 'yaml';
  readonly dataset: string;
  readonly preset: PresetName;
  readonly hidden: string;
  readonly layers: readonly LayerDraft[];
  readonly epochs: string;
  readonly batchSize: string;
  readonly seed: string;
  readonly optimizer: 'sgd' | 'adam';
  readonly learningRate: string;
  readonly momentum: string;
  readonly weightDecay: string;
  readonly lanes: string;
  /** A spec as text; fields that the form does not know are kept in it. */
  readonly yaml: string;
}

export interface LayerDraft {
  readonly op: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Numbers that a layer may have in the form; what else an op takes is written as YAML. */
export const layerFields: Readonly<Record<string, readonly string[]>> = {
  conv2d: ['outChannels', 'kernel', 'stride', 'padding'],
  maxPool2d: ['kernel', 'stride', 'padding'],
  avgPool2d: ['kernel', 'stride', 'padding'],
  linear: ['outFeatures'],
  batchNorm: [],
  relu: [],
  tanh: [],
  sigmoid: [],
  flatten: [],
  dropout: ['rate'],
};

export const emptyDraft: Draft = {
  name: '',
  tags: '',
  workers: '1',
  threads: '1',
  source: 'preset',
  dataset: 'mnist',
  preset: 'lenet5',
  hidden: '128',
  layers: [
    { op: 'conv2d', values: { outChannels: '8', kernel: '5' } },
    { op: 'relu', values: {} },
    { op: 'maxPool2d', values: { kernel: '2' } },
    { op: 'flatten', values: {} },
    { op: 'linear', values: { outFeatures: '10' } },
  ],
  epochs: '3',
  batchSize: '128',
  seed: '1',
  optimizer: 'sgd',
  learningRate: '0.05',
  momentum: '0.9',
  weightDecay: '0',
  lanes: '',
  yaml: '',
};

/** A number where the text is one; else the text, which the schema then refuses by name. */
function numberOf(text: string): number {
  const value = Number(text);
  return (text.trim() === '' || Number.isNaN(value) ? text : value) as number;
}

function modelOf({ source, preset, hidden, layers }: Draft): RunSpec['model'] {
  if (source === 'layers') {
    return {
      layers: layers.map(
        ({ op, values }) =>
          ({
            op,
            ...Object.fromEntries(
              (layerFields[op] ?? []).flatMap((field) => {
                const text = values[field] ?? '';
                return text.trim() === '' ? [] : [[field, numberOf(text)]];
              }),
            ),
          }) as LayerSpec,
      ),
    };
  }
  if (preset !== 'mlp') return { preset };
  return {
    preset,
    hidden: hidden
      .split(/[\s,]+/)
      .filter((each) => each !== '')
      .map(numberOf),
  };
}

/** The spec that the form stands for, not checked yet. */
export function specOf(draft: Draft): RunSpec {
  const { dataset, epochs, batchSize, seed, optimizer, learningRate, momentum, weightDecay, lanes } = draft;
  return {
    dataset,
    model: modelOf(draft),
    training: {
      epochs: numberOf(epochs),
      batchSize: numberOf(batchSize),
      seed: numberOf(seed),
      optimizer: {
        kind: optimizer,
        learningRate: numberOf(learningRate),
        ...(optimizer === 'sgd' ? { momentum: numberOf(momentum) } : {}),
        weightDecay: numberOf(weightDecay),
      },
    },
    ...(lanes.trim() === '' ? {} : { lanes: numberOf(lanes) }),
  };
}

export function yamlOf(draft: Draft): string {
  return draft.source === 'yaml' ? draft.yaml : stringify(specOf(draft), { lineWidth: 0 });
}

export type Checked =
  | { readonly ok: true; readonly resolved: ResolvedSpec }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks the draft by the rules that the service checks it by, in the browser. */
export function checkDraft(draft: Draft, datasets: readonly Dataset[]): Checked {
  try {
    const spec = parseRunSpec(yamlOf(draft), 'spec');
    return { ok: true, resolved: resolveRunSpec(spec, factsOf(spec, datasets)) };
  } catch (error) {
    if (!isLockstepError(error)) throw error;
    return { ok: false, problems: problemsOf(error) };
  }
}

export function problemsOf(error: { readonly message: string; readonly problems: readonly Problem[] }): Problem[] {
  if (error.problems.length > 0) return [...error.problems];
  return [{ path: '', message: error.message, line: null, column: null }];
}

function factsOf(spec: RunSpec, datasets: readonly Dataset[]): DatasetFacts {
  const found = datasets.find(({ name }) => name === spec.dataset);
  const { version, trainSamples, validationSamples, sampleShape, classes, dtype } = found ?? {};
  if (version == null || trainSamples == null || sampleShape == null || classes == null || dtype == null) {
    const known = datasets.map(({ name }) => name).join(', ');
    const message = `expected a prepared dataset${known === '' ? '; there is none yet, a node brings it' : ` (${known})`}.`;
    throw new LockstepError('bad-input.field', message, {
      problems: [{ path: 'dataset', message, line: null, column: null }],
    });
  }
  return {
    dataset: { kind: 'sample', name: String(spec.dataset) },
    version,
    trainSamples,
    validationSamples: validationSamples ?? 0,
    sampleShape,
    classes,
    dtype,
  };
}

/** A draft that gives the same run: as fields where the form knows them all, else as YAML. */
export function draftOfRun(run: {
  readonly name: string;
  readonly tags: readonly string[];
  readonly workers: number;
  readonly threads: number;
  readonly requestedSpec: unknown;
}): Draft {
  const about = {
    name: run.name,
    tags: run.tags.join(' '),
    workers: String(run.workers),
    threads: String(run.threads),
  };
  const spec = run.requestedSpec as RunSpec;
  const yaml = typeof spec === 'string' ? spec : stringify(spec, { lineWidth: 0 });
  const asYaml: Draft = { ...emptyDraft, ...about, source: 'yaml', yaml };
  if (typeof spec !== 'object' || typeof spec.dataset !== 'string' || !('preset' in spec.model)) return asYaml;
  const { training = {}, model } = spec;
  const filled = fillRunSpec(spec);
  const { epochs, batchSize, seed, optimizer } = filled.training;
  const draft: Draft = {
    ...emptyDraft,
    ...about,
    dataset: spec.dataset,
    preset: model.preset,
    hidden: (model.hidden ?? [128]).join(' '),
    epochs: String(epochs),
    batchSize: String(batchSize),
    seed: String(seed),
    optimizer: optimizer.kind,
    learningRate: String(optimizer.learningRate),
    momentum: String(optimizer.kind === 'sgd' ? optimizer.momentum : 0),
    weightDecay: String(optimizer.weightDecay),
    lanes: spec.lanes === undefined ? '' : String(spec.lanes),
  };
  const known = ['dataset', 'model', 'training', 'lanes'];
  const knownTraining = ['epochs', 'batchSize', 'seed', 'optimizer'];
  const knownOptimizer = ['kind', 'learningRate', 'momentum', 'weightDecay'];
  const isKnown =
    Object.keys(spec).every((key) => known.includes(key)) &&
    Object.keys(training).every((key) => knownTraining.includes(key)) &&
    Object.keys(training.optimizer ?? {}).every((key) => knownOptimizer.includes(key));
  return isKnown ? draft : asYaml;
}
