import type { LayerSpec, PresetName, ResolvedSpec } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { elementCount } from '../graph/elements.js';
import { layersToGraph } from '../nn/layers-to-graph.js';
import { presetGraph } from '../nn/preset-graph.js';
import { buildGraph } from '../ops/build-graph.js';
import { philox } from '../random/philox.js';
import { encodeSafetensors } from '../state/safetensors.js';
import type { StateTensor } from '../state/state-tensor.js';
import { ImageClassifier } from './image-classifier.js';

type Spec = Pick<ResolvedSpec, 'graph' | 'input' | 'data'>;

function specOf(graph: Spec['graph'], dtype: 'uint8' | 'float32' = 'uint8'): Spec {
  const sampleShape = [...(graph.inputs[0]?.shape ?? [])];
  const channels = sampleShape.length === 3 ? (sampleShape[0] ?? 1) : 1;
  return {
    graph,
    input: { mean: Array(channels).fill(0.25), std: Array(channels).fill(0.5) },
    data: { version: '0'.repeat(64), trainSamples: 1, validationSamples: 1, sampleShape, classes: 2, dtype },
  };
}

/** Any weights, the same each time; variances are positive. */
function weightsOf({ graph }: Spec): StateTensor[] {
  const specs = buildGraph(graph).nodes.flatMap(({ parameters, buffers }) => [...parameters, ...buffers]);
  return specs.map(({ name, shape }, position) => {
    const unit = (index: number): number => (philox([3, position], [index, 0, 0, 0])[0] ?? 0) / 2 ** 32;
    const isVariance = name.endsWith('.runningVariance');
    const value = (_: unknown, index: number): number => (isVariance ? 0.5 + unit(index) : (unit(index) - 0.5) / 2);
    return { name, shape, data: Float32Array.from({ length: elementCount(shape) }, value) };
  });
}

const classifierOf = (spec: Spec): ImageClassifier => new ImageClassifier(spec, encodeSafetensors(weightsOf(spec)));
const picture = (shape: readonly number[]): Uint8Array =>
  Uint8Array.from({ length: elementCount(shape) }, (_, index) => (index * 37) % 256);

const presets: [PresetName, number[]][] = [
  ['lenet5', [1, 28, 28]],
  ['resnet20', [3, 8, 8]],
  ['mlp', [1, 28, 28]],
  ['softmax-regression', [1, 5, 4]],
];

describe('ImageClassifier', () => {
  it.each(presets)('gives every layer of %s with its shape, and probabilities that add up to 1', (preset, shape) => {
    const spec = specOf(presetGraph({ preset }, shape, 10));
    const { input, layers, probabilities } = classifierOf(spec).inspect(picture(shape));
    expect(input.shape).toEqual(shape);
    expect(layers.map(({ name }) => name)).toEqual(buildGraph(spec.graph).nodes.map(({ name }) => name));
    for (const { name, shape: of, values } of layers) {
      expect([name, values.length]).toEqual([name, elementCount(of)]);
      expect(values.every(Number.isFinite), name).toBe(true);
      expect(new Set(values).size, name).toBeGreaterThan(1);
    }
    expect(probabilities).toHaveLength(10);
    expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
  });

  it('computes what one computes by hand', () => {
    const layers: LayerSpec[] = [{ op: 'flatten' }, { name: 'fc', op: 'linear', outFeatures: 2 }, { op: 'logSoftmax' }];
    const spec = specOf(layersToGraph(layers, [1, 1, 2]));
    const weights: StateTensor[] = [
      { name: 'fc.weight', shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) },
      { name: 'fc.bias', shape: [2], data: Float32Array.of(0, 1) },
    ];
    const {
      input,
      layers: outputs,
      probabilities,
    } = new ImageClassifier(spec, encodeSafetensors(weights)).inspect(
      // (255/255 - 0.25) / 0.5 and (0 - 0.25) / 0.5
      [255, 0],
    );
    expect([...input.values].map((value) => value.toFixed(6))).toEqual(['1.500000', '-0.500000']);
    expect([...(outputs[1]?.values ?? [])].map((value) => value.toFixed(6))).toEqual(['1.500000', '0.500000']);
    expect(probabilities[0]).toBeCloseTo(Math.E / (1 + Math.E), 6);
  });

  it('takes floats as they are, and leaves dropout out', () => {
    const layers: LayerSpec[] = [{ op: 'flatten' }, { op: 'dropout', rate: 0.5 }, { op: 'linear', outFeatures: 2 }];
    const spec = specOf(layersToGraph(layers, [1, 2, 2]), 'float32');
    const { layers: outputs } = classifierOf(spec).inspect(Float32Array.of(0.25, 0.75, -0.25, 1.25));
    expect([...(outputs[1]?.values ?? [])]).toEqual([0, 1, -1, 2]);
    expect(outputs[1]?.values).toEqual(outputs[0]?.values);
  });

  it('gives the same again, whatever was asked before', () => {
    const classifier = classifierOf(specOf(presetGraph({ preset: 'resnet20' }, [1, 8, 8], 10)));
    const first = classifier.inspect(picture([1, 8, 8]));
    classifier.inspect(new Uint8Array(64));
    expect(classifier.inspect(picture([1, 8, 8]))).toEqual(first);
  });

  it('says what is not a picture', () => {
    const flat = specOf(presetGraph({ preset: 'mlp' }, [16], 2));
    expect(() => classifierOf(flat)).toThrow(/one input of shape \[channels, height, width\].*got input \[16\]/);
    const classifier = classifierOf(specOf(presetGraph({ preset: 'mlp' }, [1, 4, 4], 2)));
    expect(() => classifier.inspect(new Uint8Array(15))).toThrow(/\[1, 4, 4\], which is 16 values, got 15/);
  });

  it('takes the weights of its own model only', () => {
    const spec = specOf(presetGraph({ preset: 'lenet5' }, [1, 28, 28], 10));
    const weights = weightsOf(spec);
    const make = (tensors: StateTensor[]) => () => new ImageClassifier(spec, encodeSafetensors(tensors));
    expect(make(weights.filter(({ name }) => name !== 'conv2.bias'))).toThrow(/the tensor conv2.bias of this model/);
    const other = weights.map((tensor) => (tensor.name === 'conv2.bias' ? { ...tensor, shape: [3, 4] } : tensor));
    expect(make(other)).toThrow(/conv2.bias of shape \[12\], got \[3, 4\]/);
    expect(() => new ImageClassifier(spec, new Uint8Array(20))).toThrow(/damaged or not safetensors/);
  });
});
