import type { LaneProgram, Value } from '../autograd/program.js';
import { align, placeInArena, type Storage } from './arena.js';
import { type FusedCall, fuse, input, output } from './fuse.js';
import { plainLayout, type SharedVectors } from './parameter-layouts.js';
import type { KernelCatalog, PlanCall, PlanTensor, PlanVariant } from './plan.js';
import { poolBeforeActivation } from './pool-before-activation.js';

/** Kernels that oneDNN runs and that may choose their layouts freely. */
const chooses = /^(conv2d|linear)\./;
/** Kernels that work value by value on whatever layout comes, padding included. */
const elementwise = new Set([
  'relu.forward',
  'relu.grad',
  'tanh.forward',
  'tanh.grad',
  'sigmoid.forward',
  'sigmoid.grad',
  'add.forward',
]);
/** These may write over the input named here once nobody else reads it. */
const inPlace: Record<string, readonly string[]> = {
  'relu.forward': ['x'],
  'tanh.forward': ['x'],
  'sigmoid.forward': ['x'],
  'relu.grad': ['dy'],
  'tanh.grad': ['dy'],
  'sigmoid.grad': ['dy'],
  'add.forward': ['a', 'b'],
  'dropout.forward': ['x'],
  'dropout.grad': ['dy'],
};

interface Draft extends PlanTensor {
  /** Index of the arena storage that holds the bytes; -1 outside the arena. */
  storage: number;
}

/** The layouts that the weight gradients of a training program have by the kernels' own choice, by parameter name. */
export function weightLayouts(program: LaneProgram, catalog: KernelCatalog): Map<string, string> {
  const layouts = new Map<string, string>();
  for (const call of fuse(program).calls) {
    if (!call.kernel.endsWith('.gradWeights')) continue;
    const description = describe(call, program.values, {}, catalog);
    for (const role of ['dweight', 'dbias']) {
      const id = call.outputs[role];
      if (id !== undefined) layouts.set(valueWithId(program.values, id).name, description.layouts[role] ?? '');
    }
  }
  return layouts;
}

/**
 * Lowers a lane program to kernel calls over one arena: fuses, lets the kernels choose layouts, reorders where two disagree
 * (parameters once a step for all lanes), reuses bytes that nobody reads any more.
 *
 * @param source the program as autograd made it
 * @param attributesOf extra attributes of a call (a dropout's random key)
 */
export function planVariant(
  source: LaneProgram,
  shared: SharedVectors,
  catalog: KernelCatalog,
  attributesOf: (call: FusedCall) => Record<string, number[]>,
): PlanVariant {
  const program = poolBeforeActivation(source);
  const { calls: fused, forwardCalls } = fuse(program);
  const tensors: Draft[] = [];
  const storages: Storage[] = [];
  const calls: PlanCall[] = [];
  const prepare = new Set<number>();
  /** Value id → layout → tensor index. The first layout is the one that the value was made in. */
  const versions = new Map<number, Map<string, number>>();
  const windows = new Map<string, { x: string; y: string; workspace: number }>();

  const value = (id: number): Value => valueWithId(program.values, id);
  const addTensor = (tensor: PlanTensor, storage: number): number => {
    tensors.push({ ...tensor, storage });
    return tensors.length - 1;
  };
  const inArena = (name: string, shape: readonly number[], layout: string, bytes: number): number => {
    storages.push({ bytes, first: calls.length, last: calls.length });
    return addTensor({ name, shape: [...shape], layout, region: 'arena', offset: 0, bytes }, storages.length - 1);
  };
  const remember = (id: number, layout: string, tensor: number): number => {
    const known = versions.get(id) ?? new Map<string, number>();
    known.set(layout, tensor);
    versions.set(id, known);
    return tensor;
  };
  const fresh = (id: number, layout: string): number => {
    const { name, shape } = value(id);
    return remember(id, layout, inArena(name, shape, layout, catalog.layoutBytes([...shape], layout)));
  };
  const madeIn = (id: number): string => {
    const v = value(id);
    if (v.kind === 'parameter') return shared.parameter(v.name).layout;
    if (v.kind === 'buffer') return 'a';
    const first = versions.get(id)?.keys().next().value;
    if (first === undefined) throw new Error(`${v.name} is read before it is made`);
    return first;
  };
  const emit = (call: PlanCall): void => {
    for (const index of Object.values(call.args)) {
      const storage = storages[tensors[index]?.storage ?? -1];
      if (storage !== undefined) storage.last = calls.length;
    }
    calls.push(call);
  };
  const reorder = (from: number, to: number, node: string): void =>
    emit({
      kernel: 'reorder',
      node,
      args: { from, to },
      attributes: {},
      activation: '',
      scratchBytes: 0,
      implementation: '',
    });

  /** The tensor that holds a value in `layout`, reordering it if need be. */
  const inLayout = (id: number, layout: string, node: string): number => {
    const v = value(id);
    const existing = versions.get(id)?.get(layout);
    if (existing !== undefined) return existing;
    if (v.kind === 'parameter') {
      const parameter = shared.parameter(v.name);
      const shape = [...v.shape];
      if (parameter.layout === layout) {
        const place = { offset: parameter.offset * 4, bytes: parameter.elements * 4 };
        return remember(id, layout, addTensor({ name: v.name, shape, layout, region: 'parameters', ...place }, -1));
      }
      const index = shared.prepared(v.name, layout);
      const { offset = 0, bytes = 0 } = shared.prepare[index] ?? {};
      prepare.add(index);
      return remember(id, layout, addTensor({ name: v.name, shape, layout, region: 'prepared', offset, bytes }, -1));
    }
    if (v.kind === 'buffer') {
      const { offset, elements } = shared.buffer(v.name);
      const tensor: PlanTensor = {
        name: v.name,
        shape: [...v.shape],
        layout,
        region: 'buffers',
        offset: offset * 4,
        bytes: elements * 4,
      };
      return remember(id, layout, addTensor(tensor, -1));
    }
    const from = versions.get(id)?.get(madeIn(id));
    if (from === undefined) throw new Error(`${v.name} is read before it is made`);
    const to = fresh(id, layout);
    reorder(from, to, node);
    return to;
  };
  /** Where an output goes; `after` runs once the call is emitted. */
  const outputTensor = (id: number, layout: string, node: string): { tensor: number; after: () => void } => {
    const v = value(id);
    const shape = [...v.shape];
    const nothing = () => {};
    if (v.kind === 'parameterGradient') {
      const parameter = shared.parameter(v.name);
      const place = { offset: parameter.offset * 4, bytes: parameter.elements * 4 };
      const target = addTensor(
        { name: `d(${v.name})`, shape, layout: parameter.layout, region: 'gradients', ...place },
        -1,
      );
      if (parameter.layout === layout) return { tensor: target, after: nothing };
      const own = inArena(`d(${v.name})`, shape, layout, catalog.layoutBytes(shape, layout));
      return { tensor: own, after: () => reorder(own, target, node) };
    }
    if (v.kind === 'statistic') {
      const offset = (shared.parameterElements + shared.statisticOffset(v.name)) * 4;
      return {
        tensor: addTensor({ name: v.name, shape, layout, region: 'gradients', offset, bytes: (shape[0] ?? 0) * 4 }, -1),
        after: nothing,
      };
    }
    if (v.kind === 'sums') {
      return {
        tensor: addTensor({ name: v.name, shape, layout: 'bytes', region: 'sums', offset: 0, bytes: 16 }, -1),
        after: nothing,
      };
    }
    return { tensor: fresh(id, layout), after: nothing };
  };

  // The lane's samples and labels are written before the first call.
  const labelId = program.values.find((v) => v.kind === 'label')?.id;
  const inputValue = program.values.find((v) => v.kind === 'input');
  if (labelId === undefined || inputValue === undefined) throw new Error('a lane program needs an input and a label');
  const inputTensor = fresh(inputValue.id, plainLayout(inputValue.shape.length));
  const labelTensor = remember(labelId, 'bytes', inArena('label', [program.batch], 'bytes', program.batch * 4));
  for (const tensor of [inputTensor, labelTensor]) {
    const storage = storages[tensors[tensor]?.storage ?? -1];
    if (storage !== undefined) storage.first = -1;
  }

  let forwardEnd = 0;
  for (const [position, call] of fused.entries()) {
    lower(call);
    if (position === forwardCalls - 1) forwardEnd = calls.length;
  }

  function lower(call: FusedCall): void {
    const { kernel, node } = call;
    if (kernel === 'reshape.forward') {
      const x = input(call, 'x');
      const y = output(call, 'y');
      const from = inLayout(x, plainLayout(value(x).shape.length), node);
      const layout = plainLayout(value(y).shape.length);
      const source = tensors[from];
      if (source === undefined) throw new Error('reshape of nothing');
      // The same bytes under another shape. A parameter or buffer is never reshaped.
      remember(
        y,
        layout,
        addTensor({ ...source, name: value(y).name, shape: [...value(y).shape], layout }, source.storage),
      );
      return;
    }
    const wanted = layoutsFor(call);
    const args: Record<string, number> = {};
    for (const [role, id] of Object.entries(call.inputs))
      if (role !== 'workspace') args[role] = inLayout(id, wanted.layouts[role] ?? '', node);
    const afters: (() => void)[] = [];
    for (const [role, id] of Object.entries(call.outputs)) {
      if (role === 'workspace') continue;
      const { tensor, after } = outputTensor(id, wanted.layouts[role] ?? '', node);
      args[role] = tensor;
      afters.push(after);
    }
    if (wanted.workspaceBytes > 0) {
      const window = windows.get(node);
      if (window === undefined) throw new Error(`${kernel} of ${node} has no workspace`);
      if (window.workspace < 0)
        window.workspace = inArena(`${node}.workspace`, [wanted.workspaceBytes], 'bytes', wanted.workspaceBytes);
      args.workspace = window.workspace;
    }
    const attributes: Record<string, number | number[]> = {};
    for (const [name, v] of Object.entries(call.attributes)) attributes[name] = typeof v === 'number' ? v : [...v];
    emit({
      kernel,
      node,
      args,
      attributes: { ...attributes, ...attributesOf(call) },
      activation: call.activation,
      scratchBytes: wanted.scratchBytes,
      implementation: wanted.implementation,
    });
    for (const after of afters) after();
  }

  /** The layout of every role of a call. */
  function layoutsFor(call: FusedCall): {
    layouts: Record<string, string>;
    scratchBytes: number;
    workspaceBytes: number;
    implementation: string;
  } {
    const { kernel } = call;
    if (chooses.test(kernel)) return { ...describe(call, program.values, {}, catalog), workspaceBytes: 0 };
    if (/^(maxPool2d|avgPool2d|batchNorm)\.(forward|grad)/.test(kernel)) return windowLayouts(call);
    const all = { ...call.inputs, ...call.outputs };
    const layouts: Record<string, string> = {};
    if (elementwise.has(kernel)) {
      const leader = call.inputs.y ?? call.inputs.a ?? input(call, 'x');
      let layout = madeIn(leader);
      const shape = value(leader).shape;
      const dense = shape.reduce((product, size) => product * size, 4);
      // sigmoid(0) is not 0: the padding of a blocked layout must stay zero.
      if (kernel === 'sigmoid.forward' && catalog.layoutBytes([...shape], layout) !== dense)
        layout = plainLayout(shape.length);
      for (const role of Object.keys(all)) layouts[role] = layout;
    } else {
      for (const [role, id] of Object.entries(all)) {
        const v = value(id);
        layouts[role] = v.kind === 'label' || v.kind === 'sums' ? 'bytes' : plainLayout(v.shape.length);
      }
    }
    return { layouts, scratchBytes: 0, workspaceBytes: 0, implementation: '' };
  }

  /** Pooling and batch norm follow the layout of what they read; their gradients follow their forward pass. */
  function windowLayouts(call: FusedCall): {
    layouts: Record<string, string>;
    scratchBytes: number;
    workspaceBytes: number;
    implementation: string;
  } {
    const forward = call.kernel.includes('.forward');
    const normalises = call.kernel.startsWith('batchNorm');
    const seen = windows.get(call.node);
    const fixed: Record<string, string> = {};
    if (forward) {
      fixed.x = layoutWithKernel(call, input(call, 'x'));
    } else {
      if (seen === undefined) throw new Error(`${call.kernel} of ${call.node} comes before its forward pass`);
      if (normalises) fixed.x = seen.x;
      fixed.dx = seen.x;
      fixed.dy = seen.y;
    }
    const { layouts, scratchBytes, bytes, implementation } = describe(call, program.values, fixed, catalog);
    for (const role of ['mean', 'variance', 'runningMean', 'runningVariance', 'scale', 'shift', 'dscale', 'dshift']) {
      if (call.inputs[role] !== undefined || call.outputs[role] !== undefined) layouts[role] = 'a';
    }
    if (forward) windows.set(call.node, { x: layouts.x ?? '', y: layouts.y ?? '', workspace: -1 });
    const training = program.mode === 'train';
    return { layouts, scratchBytes, workspaceBytes: training || forward ? (bytes.workspace ?? 0) : 0, implementation };
  }

  /** The layout that a value has, or the first of the usual ones for which there is more than a reference implementation. */
  function layoutWithKernel(call: FusedCall, x: number): string {
    const made = madeIn(x);
    const rank = value(x).shape.length;
    const usual = rank === 4 ? ['aBcd16b', 'aBcd8b', 'abcd'] : [plainLayout(rank)];
    const known = [made, ...usual].find((layout) => {
      const { implementation } = describe(call, program.values, { x: layout }, catalog);
      return !/^(ref|simple)/.test(implementation);
    });
    return known ?? made;
  }

  const result = versions.get(program.output)?.values().next().value ?? -1;
  const resultStorage = storages[tensors[result]?.storage ?? -1];
  if (resultStorage !== undefined) resultStorage.last = calls.length;

  shareInPlace(calls, tensors, storages);
  const { offsets, bytes } = placeInArena(storages);
  for (const tensor of tensors) {
    if (tensor.storage >= 0) tensor.offset = offsets[tensor.storage] ?? 0;
  }
  const scratch = calls.reduce((most, call) => Math.max(most, call.scratchBytes), 0);
  return {
    batch: program.batch,
    mode: program.mode,
    tensors: tensors.map(({ storage: _, ...tensor }) => tensor),
    prepare: [...prepare].sort((a, b) => a - b),
    calls,
    forwardCalls: forwardEnd,
    arenaBytes: align(bytes + Math.max(scratch, 64)),
    scratchOffset: bytes,
    input: inputTensor,
    label: labelTensor,
    output: result,
  };
}

/** Lets value-by-value kernels write over an input that they are the last to read. */
function shareInPlace(calls: readonly PlanCall[], tensors: Draft[], storages: Storage[]): void {
  for (const [position, call] of calls.entries()) {
    const target = tensors[call.args.y ?? call.args.dx ?? -1];
    if (target === undefined || target.storage < 0) continue;
    for (const role of inPlace[call.kernel] ?? []) {
      const source = tensors[call.args[role] ?? -1];
      if (source === undefined || source.storage < 0 || source.storage === target.storage) continue;
      const from = storages[source.storage];
      const to = storages[target.storage];
      if (
        from === undefined ||
        to === undefined ||
        from.last !== position ||
        from.bytes !== to.bytes ||
        to.first !== position
      )
        continue;
      from.last = to.last;
      const gone = target.storage;
      for (const tensor of tensors) if (tensor.storage === gone) tensor.storage = source.storage;
      to.bytes = 0;
      to.last = to.first;
      break;
    }
  }
}

function describe(call: FusedCall, values: readonly Value[], fixed: Record<string, string>, catalog: KernelCatalog) {
  const shapes: Record<string, number[]> = {};
  const layouts: Record<string, string> = { ...fixed };
  for (const [role, id] of [...Object.entries(call.inputs), ...Object.entries(call.outputs)]) {
    if (role === 'workspace') continue;
    shapes[role] = [...valueWithId(values, id).shape];
    if (role === 'bias' || role === 'dbias') layouts[role] = 'a';
  }
  const attributes: Record<string, number | number[]> = {};
  for (const [name, v] of Object.entries(call.attributes)) attributes[name] = typeof v === 'number' ? v : [...v];
  const request = { kernel: call.kernel, activation: call.activation, attributes, shapes, layouts };
  const description = catalog.describe(request);
  const nameless = Object.keys(shapes).filter((role) => description.layouts[role] === '');
  if (nameless.length === 0) return description;
  // A layout that no tag names cannot stand in a plan: ask for row-major there.
  for (const role of nameless) layouts[role] = plainLayout(shapes[role]?.length ?? 0);
  return catalog.describe({ ...request, layouts });
}

function valueWithId(values: readonly Value[], id: number): Value {
  const found = values[id];
  if (found === undefined) throw new Error(`the program has no value ${id}`);
  return found;
}
