import type { Attributes, GraphNode, Shape } from '../graph/types.js';
import type { KernelCall, ProgramMode, Roles, Value, ValueKind } from './program-types.js';

/** Collects the values and kernel calls of one lane program; ops append to it. */
export class ProgramBuilder {
  readonly values: Value[] = [];
  readonly calls: KernelCall[] = [];
  readonly #byKey = new Map<string, number>();

  constructor(
    /** Samples of the lane's micro-batch. */
    readonly batch: number,
    readonly mode: ProgramMode,
  ) {}

  /** A new value, or the one made before with the same kind and name. */
  value(kind: ValueKind, name: string, shape: Shape): number {
    const key = `${kind}/${name}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const id = this.values.length;
    this.values.push({ id, name, kind, shape });
    this.#byKey.set(key, id);
    return id;
  }

  /** An activation for the whole micro-batch from the shape of one sample. */
  activation(name: string, sampleShape: Shape): number {
    return this.value('activation', name, [this.batch, ...sampleShape]);
  }

  /** The node's parameters by role: { weight, bias }. */
  parameters(node: GraphNode): Roles {
    return this.#tensors('parameter', node.name, node.parameters);
  }

  /** The node's buffers by role: { runningMean, runningVariance }. */
  buffers(node: GraphNode): Roles {
    return this.#tensors('buffer', node.name, node.buffers);
  }

  /** Gradients of the node's parameters by role with a leading d: { dweight, dbias }. */
  parameterGradients(node: GraphNode): Roles {
    const roles = this.#tensors('parameterGradient', node.name, node.parameters);
    return Object.fromEntries(Object.entries(roles).map(([role, id]) => [`d${role}`, id]));
  }

  call(kernel: string, node: string, inputs: Roles, outputs: Roles, attributes: Attributes = {}): void {
    this.calls.push({ kernel, node, inputs, outputs, attributes });
  }

  #tensors(kind: ValueKind, node: string, specs: GraphNode['parameters']): Roles {
    return Object.fromEntries(
      specs.map(({ name, shape }) => [name.slice(node.length + 1), this.value(kind, name, shape)]),
    );
  }
}
