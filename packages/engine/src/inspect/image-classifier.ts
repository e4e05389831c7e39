import { LockstepError, type ResolvedSpec } from '@lockstep/contracts';
import { buildLaneProgram } from '../autograd/build-lane-program.js';
import { interpretProgram } from '../autograd/interpret-program.js';
import type { LaneProgram } from '../autograd/program.js';
import { inputAffine } from '../data/input-affine.js';
import { elementCount, formatShape } from '../graph/elements.js';
import type { Graph, Shape } from '../graph/types.js';
import { buildGraph } from '../ops/build-graph.js';
import { parseSafetensors } from '../state/safetensors.js';
import type { StateTensor } from '../state/state-tensor.js';

/** What one node of the graph makes of one picture. */
export interface LayerOutput {
  readonly name: string;
  readonly op: string;
  /** Of one sample, without the batch axis. */
  readonly shape: Shape;
  /** Row-major. */
  readonly values: Float32Array;
}

export interface Inspection {
  /** The picture as the first layer sees it, normalised. */
  readonly input: LayerOutput;
  /** Every node, in the order in which they are computed. */
  readonly layers: readonly LayerOutput[];
  /** Of each class, adding up to 1. */
  readonly probabilities: readonly number[];
}

/** Neither counts here: nothing is learnt, nothing is drawn by chance. */
const context = { gradientScale: 1, step: 0, sampleIndices: [0], seed: 0 };

/**
 * A trained image classifier whose every activation can be looked at. It runs the evaluation program of one sample with
 * the float64 reference kernels, so it needs no native code and runs in a browser; the native kernels give the same up to
 * the rounding of float32.
 */
export class ImageClassifier {
  /** [channels, height, width] of the pictures that it takes. */
  readonly shape: Shape;
  readonly #graph: Graph;
  readonly #program: LaneProgram;
  readonly #forward: LaneProgram['calls'];
  readonly #given: ReadonlyMap<string, Float64Array>;
  readonly #affine: { readonly scale: readonly number[]; readonly shift: readonly number[] };

  /**
   * @param model bytes of `model.safetensors` of a checkpoint of the run
   * @throws LockstepError `bad-input.graph` for a model that takes no single picture, `data.corrupt` for a damaged file,
   *   `data.checkpoint-incomplete` and `data.shape-mismatch` for the weights of another model
   */
  constructor(spec: Pick<ResolvedSpec, 'graph' | 'input' | 'data'>, model: Uint8Array) {
    this.#graph = buildGraph(spec.graph);
    this.shape = imageShape(this.#graph);
    this.#program = buildLaneProgram(this.#graph, { batch: 1, mode: 'evaluate' });
    // The loss needs a label, and a picture has none.
    this.#forward = this.#program.calls.filter(({ kernel }) => kernel !== 'nllLoss.forward');
    this.#given = weightsOf(this.#graph, parseSafetensors(model, 'model.safetensors').tensors);
    this.#affine = inputAffine(spec.input, spec.data.dtype);
  }

  /**
   * @param pixels [channels, height, width] as the dataset has them: 0 to 255 where it holds bytes
   * @throws LockstepError `bad-input.image` for pixels of another shape
   */
  inspect(pixels: ArrayLike<number>): Inspection {
    const [input] = this.#graph.inputs;
    if (input === undefined) throw new Error('the graph has no input');
    const x = this.#normalised(pixels);
    const given = new Map(this.#given).set(input.name, x).set('label', new Float64Array(1));
    const tensors = interpretProgram({ ...this.#program, calls: this.#forward }, given, context);
    const valuesOf = (id: number | undefined): Float64Array => tensors[id ?? -1]?.data ?? new Float64Array(0);
    return {
      input: { name: input.name, op: 'input', shape: this.shape, values: Float32Array.from(x) },
      layers: this.#graph.nodes.map(({ name, op, shape }, index) => ({
        name,
        op,
        shape,
        values: Float32Array.from(valuesOf(this.#program.nodeValues[index])),
      })),
      probabilities: Array.from(valuesOf(this.#program.output), Math.exp),
    };
  }

  /** In float32, as the native lanes do it. */
  #normalised(pixels: ArrayLike<number>): Float64Array {
    const { scale, shift } = this.#affine;
    const count = elementCount(this.shape);
    if (pixels.length !== count) {
      throw new LockstepError(
        'bad-input.image',
        `Expected a picture of ${formatShape(this.shape)}, which is ${count} values, got ${pixels.length}. ` +
          'Give one picture of the size that the model was trained on.',
      );
    }
    const plane = count / scale.length;
    return Float64Array.from(pixels, (value, index) => {
      const channel = Math.floor(index / plane);
      return Math.fround(Math.fround(value * (scale[channel] ?? 1)) + (shift[channel] ?? 0));
    });
  }
}

function imageShape({ inputs }: Graph): Shape {
  const [input] = inputs;
  if (input === undefined || inputs.length > 1 || input.shape.length !== 3) {
    const got = inputs.map(({ name, shape }) => `${name} ${formatShape(shape)}`).join(', ');
    throw new LockstepError(
      'bad-input.graph',
      `Expected a model with one input of shape [channels, height, width], which is a picture, got ${got}. ` +
        'Layers can be looked at for image classifiers only.',
    );
  }
  return input.shape;
}

/** Parameters and buffers by name, in float64. */
function weightsOf({ nodes }: Graph, tensors: readonly StateTensor[]): Map<string, Float64Array> {
  const found = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const wanted = nodes.flatMap(({ parameters, buffers }) => [...parameters, ...buffers]);
  return new Map(
    wanted.map(({ name, shape }) => {
      const tensor = found.get(name);
      if (tensor === undefined) {
        throw new LockstepError(
          'data.checkpoint-incomplete',
          `Expected the tensor ${name} of this model in model.safetensors, got a file without it. ` +
            'Take a checkpoint of the same run.',
        );
      }
      if (tensor.shape.join() !== shape.join()) {
        throw new LockstepError(
          'data.shape-mismatch',
          `Expected the tensor ${name} of shape ${formatShape(shape)}, got ${formatShape(tensor.shape)}. ` +
            'Take a checkpoint of the same run.',
        );
      }
      return [name, Float64Array.from(tensor.data)];
    }),
  );
}
