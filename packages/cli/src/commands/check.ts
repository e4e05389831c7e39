import { limits } from '@lockstep/contracts';
import {
  buildGraph,
  estimateMemory,
  formatBytes,
  formatShape,
  layerTable,
  optimizerSlots,
} from '@lockstep/engine/graph';
import type { Command } from 'commander';
import { reportError, type SourceText } from '../errors/report-error.js';
import { grouped } from '../output/numbers.js';
import { table } from '../output/table.js';
import { wholeNumber } from './option-parsers.js';
import { type LoadedSpec, loadSpec, readSource } from './read-spec.js';

interface CheckOptions {
  json?: boolean;
  lanes?: number;
}

export function addCheck(program: Command, done: (exitCode: number) => void): void {
  program
    .command('check')
    .summary('check a spec and show its layers')
    .description(
      'Checks a spec against its data without training: layers with their shapes, parameters, and the memory it needs.',
    )
    .argument('<spec>', 'run spec, YAML or JSON')
    .option('-l, --lanes <count>', 'lanes, instead of those in the spec', wholeNumber('--lanes', 1, limits.maxLanes))
    .option('--json', 'print the layers and the resolved spec as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep check examples/lenet5.yaml
  $ lockstep check examples/lenet5.yaml --json | head`,
    )
    .action(async (path: string, options: CheckOptions) => done(await check(path, options)));
}

async function check(path: string, options: CheckOptions): Promise<number> {
  let source: SourceText | null = null;
  try {
    source = await readSource(path);
    const loaded = await loadSpec(source, { lanes: options.lanes }, (line) => process.stderr.write(`${line}\n`));
    for (const notice of loaded.notices) process.stderr.write(`note: ${notice}\n`);
    process.stdout.write(`${options.json ? asJson(loaded) : asText(loaded)}\n`);
    return 0;
  } catch (error) {
    return reportError(error, source);
  }
}

function measure({ resolved }: LoadedSpec) {
  const graph = buildGraph(resolved.graph);
  const { optimizer, batchSize } = resolved.training;
  const slots = optimizerSlots(optimizer).length;
  return { layers: layerTable(graph), memory: estimateMemory(graph, resolved.lanes, batchSize, slots) };
}

function asJson(loaded: LoadedSpec): string {
  return JSON.stringify({ ...measure(loaded), spec: loaded.resolved }, null, 2);
}

function asText(loaded: LoadedSpec): string {
  const { layers, memory } = measure(loaded);
  const { resolved: spec } = loaded;
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  const flops = layers.reduce((sum, layer) => sum + layer.flops, 0);
  const rows = layers.map((layer) => [
    layer.name,
    layer.op,
    formatShape(layer.outputShape),
    layer.parameters === 0 ? '' : grouped(layer.parameters),
    grouped(layer.flops),
  ]);
  const layerText = table(
    [
      { title: 'layer', align: 'left' },
      { title: 'op', align: 'left' },
      { title: 'output', align: 'left' },
      { title: 'parameters', align: 'right' },
      { title: 'operations', align: 'right' },
    ],
    [...rows, ['total', '', '', grouped(parameters), grouped(flops)]],
  );
  const { data, training } = spec;
  const steps = Math.ceil(data.trainSamples / training.batchSize);
  const facts = [
    `data        ${grouped(data.trainSamples)} + ${grouped(data.validationSamples)} samples of ${formatShape(data.sampleShape)} ${data.dtype}, ${data.classes} classes`,
    `training    ${training.epochs} epochs of ${grouped(steps)} steps, batch ${training.batchSize}, ${training.optimizer.kind}, rate ${training.optimizer.learningRate}, seed ${training.seed}`,
    `lanes       ${spec.lanes} (at most ${spec.lanes} workers × threads), ${spec.isa}`,
    `memory      about ${formatBytes(memory.total)}: parameters ${formatBytes(memory.parameters)}, gradients ${formatBytes(memory.gradients)}, activations ${formatBytes(memory.activations)}`,
  ];
  return `${layerText}\n\n${facts.join('\n')}`;
}
