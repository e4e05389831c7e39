import type { Graph } from '../graph/types.js';
import type { KernelCatalog, PlanBuffer, PlanParameter } from './plan.js';

/** Row-major layout of a rank: `a`, `ab`, `abcd` … */
export function plainLayout(rank: number): string {
  return 'abcdef'.slice(0, rank);
}

function padded(elements: number): number {
  return Math.ceil(elements / 16) * 16;
}

/**
 * The vectors that all lanes and ranks share: parameters (in the layouts that the main variant's weight gradients have,
 * so that sums and updates need no reorder), running statistics, and the lanes' contributions to these.
 */
export class SharedVectors {
  readonly parameters: PlanParameter[] = [];
  readonly buffers: PlanBuffer[] = [];
  readonly prepare: { parameter: number; layout: string; offset: number; bytes: number }[] = [];
  parameterElements = 0;
  statisticElements = 0;
  bufferElements = 0;
  preparedBytes = 0;
  private readonly parameterIndex = new Map<string, number>();
  private readonly bufferIndex = new Map<string, number>();
  private readonly statisticOffsets = new Map<string, number>();

  constructor(
    graph: Graph,
    layouts: ReadonlyMap<string, string>,
    private readonly catalog: KernelCatalog,
  ) {
    for (const node of graph.nodes) {
      for (const { name, shape } of node.parameters) {
        const layout = layouts.get(name) ?? plainLayout(shape.length);
        const elements = padded(catalog.layoutBytes([...shape], layout) / 4);
        this.parameterIndex.set(name, this.parameters.length);
        this.parameters.push({ name, shape: [...shape], layout, offset: this.parameterElements, elements });
        this.parameterElements += elements;
      }
      for (const { name, shape } of node.buffers) {
        const elements = shape.reduce((product, size) => product * size, 1);
        const momentum = node.attributes.momentum;
        this.bufferIndex.set(name, this.buffers.length);
        this.buffers.push({
          name,
          offset: this.bufferElements,
          elements,
          statistic: this.statisticElements,
          momentum: typeof momentum === 'number' ? momentum : 0,
        });
        // running<X> takes the lanes' batch<X>.
        this.statisticOffsets.set(name.replace('.running', '.batch'), this.statisticElements);
        this.bufferElements += padded(elements);
        this.statisticElements += padded(elements);
      }
    }
  }

  indexOfParameter(name: string): number {
    return found(this.parameterIndex.get(name), name);
  }

  parameter(name: string): PlanParameter {
    return found(this.parameters[this.indexOfParameter(name)], name);
  }

  buffer(name: string): PlanBuffer {
    return found(this.buffers[found(this.bufferIndex.get(name), name)], name);
  }

  statisticOffset(name: string): number {
    return found(this.statisticOffsets.get(name), name);
  }

  /** Index of the entry that keeps a parameter in `layout`; made at first use. */
  prepared(name: string, layout: string): number {
    const parameter = this.indexOfParameter(name);
    const existing = this.prepare.findIndex((entry) => entry.parameter === parameter && entry.layout === layout);
    if (existing >= 0) return existing;
    const bytes = this.catalog.layoutBytes([...this.parameter(name).shape], layout);
    this.prepare.push({ parameter, layout, offset: this.preparedBytes, bytes });
    this.preparedBytes += Math.ceil(bytes / 256) * 256;
    return this.prepare.length - 1;
  }
}

function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`the plan knows no ${name}`);
  return value;
}
