// Specs that cannot be run.
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { writeImages } from '../../datasets.mjs';
import { writeSpec } from '../../specs.mjs';

const small = { shape: [8, 8], classes: 3, train: 60, test: 20 };

/** A spec over a small folder dataset, with parts of its text replaced. */
function spec({
  model = '{ preset: softmax-regression }',
  training = 'epochs: 1\n  batchSize: 16',
  rest = 'lanes: 4',
  dataset = '{ folder: ./images }',
} = {}) {
  return `name: wrong\ndataset: ${dataset}\nmodel: ${model}\ntraining:\n  ${training}\n${rest}\n`;
}

function wrongSpec(name, title, text, says, args = ['train', 'spec.yaml']) {
  return {
    name,
    title,
    code: 2,
    says,
    prepare(place) {
      writeImages(join(place, 'images'), small);
      writeSpec(place, text, 'spec.yaml');
      return { args };
    },
  };
}

/**
 * Lanes with which about 10⁹ parameters need half more memory than there is: each lane has its gradients, beside the
 * parameters and two moments of Adam.
 */
const hugeLanes = [4, 8, 16, 32].find((lanes) => 1.088e9 * 4 * (3 + lanes + 1) > 1.4 * totalmem()) ?? 32;

/** Linear layers of these sizes, then one for the three classes. */
function linearLayers(...sizes) {
  const layers = [...sizes, 3].map((size) => `{ op: linear, outFeatures: ${size} }`);
  return `{ layers: [{ op: flatten }, ${layers.join(', ')}] }`;
}

const deep = `${'['.repeat(200)}1${']'.repeat(200)}`;
const laughs = ['a: &a [x, x, x, x, x, x, x, x, x]'];
for (const [index, letter] of [...'bcdefgh'].entries()) {
  const before = 'abcdefgh'[index];
  laughs.push(`${letter}: &${letter} [${Array(9).fill(`*${before}`).join(', ')}]`);
}

export const wrongSpecs = [
  wrongSpec('unknown-field', 'unknown field', spec({ training: 'epoch: 1' }), [
    /spec\.yaml:5:3/,
    /epoch/,
    /did you mean .*epochs/i,
  ]),
  wrongSpec('wrong-type', 'wrong type', spec({ training: 'batchSize: many' }), [
    /spec\.yaml:5:\d+/,
    /training\.batchSize/,
    /many/,
  ]),
  wrongSpec(
    'impossible-shape',
    'impossible shape',
    spec({ model: '{ layers: [{ op: conv2d, outChannels: 4, kernel: 9 }] }' }),
    [/spec\.yaml:3/, /conv2d/, /\[1, 8, 8\]/],
  ),
  wrongSpec('batch-larger-than-data', 'batch larger than the data', spec({ training: 'batchSize: 61' }), [
    /60 training samples/,
    /got 61/,
  ]),
  wrongSpec('zero-lanes', 'zero lanes', spec({ rest: 'lanes: 0' }), [/lanes/, /spec\.yaml:7/]),
  wrongSpec('lanes-no-power-of-two', 'lanes that are no power of two', spec({ rest: 'lanes: 3' }), [
    /power of two, got 3/,
  ]),
  wrongSpec(
    'batch-norm-lane',
    'batch norm with fewer than 8 samples a lane',
    spec({ model: '{ layers: [{ op: batchNorm }, { op: flatten }, { op: linear, outFeatures: 3 }] }' }),
    [/at least 8 samples a lane/, /got 4/],
  ),
  wrongSpec(
    'negative-learning-rate',
    'negative learning rate',
    spec({ training: 'optimizer: { kind: sgd, learningRate: -0.1 }' }),
    [/training\.optimizer\.learningRate/, /-0\.1/],
  ),
  wrongSpec(
    'huge-shapes',
    'huge shapes: more parameters than allowed',
    spec({ model: linearLayers(16_000_000, 100) }),
    [/at most 2147483648 parameters, got 2640000403/],
  ),
  wrongSpec(
    'huge-memory',
    'huge shapes: half more memory than this machine has',
    spec({
      model: linearLayers(16_000_000),
      training: `batchSize: ${hugeLanes}\n  optimizer: { kind: adam }`,
      rest: `lanes: ${hugeLanes}`,
    }),
    [/to need at most \d+\.\d GiB, got an estimate of \d+\.\d GiB/],
    // Training it would show whether the machine survives.
    ['check', 'spec.yaml'],
  ),
  wrongSpec(
    'too-huge-number',
    'a number beyond every bound',
    spec({ model: '{ layers: [{ op: flatten }, { op: linear, outFeatures: 1e300 }] }' }),
    [/outFeatures/, /spec\.yaml:3/],
  ),
  wrongSpec(
    'wrong-classes',
    'a model with another number of classes than the data',
    spec({ model: '{ layers: [{ op: flatten }, { op: linear, outFeatures: 7 }] }' }),
    [/3/, /7/, /class/],
  ),
  wrongSpec('unknown-op', 'an op that does not exist', spec({ model: '{ layers: [{ op: conv3d }] }' }), [
    /conv3d/,
    /conv2d/,
  ]),
  wrongSpec('unknown-sample', 'a sample dataset that does not exist', spec({ dataset: 'mnits' }), [
    /mnits/,
    /did you mean "mnist"/,
  ]),
  wrongSpec('yaml-bomb', 'YAML with aliases that grow', `${laughs.join('\n')}\n`, [/anchors.*not read/]),
  wrongSpec('yaml-depth', 'YAML 200 levels deep', `a: ${deep}\n`, [/level|deep/i]),
  wrongSpec('yaml-large', 'YAML of 2 MB', `a: "${'x'.repeat(2 * 1024 * 1024)}"\n`, [/1048576 bytes/]),
  wrongSpec('yaml-syntax', 'YAML that does not parse', 'model: { preset: lenet5\ntraining: ]\n', [
    /spec\.yaml:\d+:\d+/,
  ]),
  wrongSpec('empty', 'an empty file', '', [/found nothing/]),
  wrongSpec(
    'binary',
    'a binary file as spec',
    Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 167 + (index >> 3)) % 256)),
    [/spec\.yaml/],
  ),
  wrongSpec(
    'control-characters',
    'a field whose name would paint the terminal',
    spec({ rest: '"\u001b[31mred\u0007": 1' }),
    [/spec\.yaml:7/, /not a field/],
  ),
  {
    name: 'missing-file',
    title: 'a spec that is not there',
    code: 2,
    says: [/nowhere\.yaml/, /no such file/],
    prepare: () => ({ args: ['train', 'nowhere.yaml'] }),
  },
  {
    name: 'folder-as-spec',
    title: 'a folder as spec',
    code: 2,
    says: [/it is a folder/],
    prepare: (place) => ({ args: ['train', place] }),
  },
];
