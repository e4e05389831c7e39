import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { predictImages } from '@lockstep/trainer';
import { type Command, Option } from 'commander';
import { reportError } from '../errors/report-error.js';
import { percent } from '../output/numbers.js';
import { table } from '../output/table.js';

interface PredictCommandOptions {
  images: string[];
  checkpoint: 'best' | 'last';
  json?: boolean;
}

export function addPredict(program: Command, done: (exitCode: number) => void): void {
  program
    .command('predict')
    .summary('classify images with a trained run')
    .description(
      'Classifies images with a checkpoint of a run. Images are PNG or IDX files (.gz or not) of the size the model was trained on.',
    )
    .argument('<run-dir>', 'folder of a run')
    .requiredOption('-i, --images <files...>', 'PNG or IDX files')
    .addOption(
      new Option('-c, --checkpoint <which>', 'which checkpoint to use').choices(['best', 'last']).default('best'),
    )
    .option('--json', 'print one JSON object with the probabilities of every class')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep predict runs/lenet5-20260101-120000 --images digit.png
  $ lockstep predict runs/lenet5-20260101-120000 --images t10k-images-idx3-ubyte.gz --json > predictions.json`,
    )
    .action(async (runDir: string, options: PredictCommandOptions) => done(await predict(runDir, options)));
}

async function predict(runDir: string, options: PredictCommandOptions): Promise<number> {
  try {
    const result = await predictImages({
      runDir: resolve(runDir),
      images: options.images,
      checkpoint: options.checkpoint,
      threads: availableParallelism(),
      onWarning: (message) => process.stderr.write(`warning: ${message}\n`),
    });
    if (options.json) {
      process.stdout.write(`${JSON.stringify(result)}\n`);
      return 0;
    }
    const rows = result.predictions.map(({ image, label, probabilities }) => {
      const second =
        probabilities.map((_, index) => index).sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0))[1] ??
        0;
      return [
        image,
        String(label),
        percent(probabilities[label] ?? 0),
        `${second} (${percent(probabilities[second] ?? 0)})`,
      ];
    });
    process.stdout.write(
      `${table(
        [
          { title: 'image', align: 'left' },
          { title: 'class', align: 'right' },
          { title: 'probability', align: 'right' },
          { title: 'next', align: 'right' },
        ],
        rows,
      )}\n`,
    );
    return 0;
  } catch (error) {
    return reportError(error);
  }
}
