import { finalRunStates, type ResolvedSpec, type RunCheckpoint, type RunState } from '@lockstep/contracts';
import { buildGraph, formatBytes } from '@lockstep/engine/graph';

/** What a browser computes in some seconds, and a model that it reads in some seconds. */
const mostOperations = 1e9;
const mostModelBytes = 128 * 1024 * 1024;

/** Why a run's model cannot be looked into in a browser; null if it can. */
export function whyNotInspectable(
  { state, resolvedSpec }: { readonly state: RunState; readonly resolvedSpec: Pick<ResolvedSpec, 'graph'> },
  checkpoints: readonly Pick<RunCheckpoint, 'files'>[],
): string | null {
  const { inputs, nodes } = buildGraph(resolvedSpec.graph);
  if (inputs.length !== 1 || inputs[0]?.shape.length !== 3) {
    return 'Only models that take one picture can be looked into. This one takes something else.';
  }
  if (!(finalRunStates as readonly RunState[]).includes(state)) {
    return 'The run has not ended yet. Its model can be looked into when it has.';
  }
  const [newest] = checkpoints;
  if (newest === undefined) return 'The run ended before it wrote a checkpoint, so there is no model to look into.';
  const operations = nodes.reduce((sum, { flops }) => sum + flops, 0);
  if (operations > mostOperations) {
    return (
      `The model is too large to compute in a browser: one picture takes ${millions(operations)} million operations, ` +
      `and the limit is ${millions(mostOperations)} million. \`lockstep predict\` has no limit.`
    );
  }
  const bytes = newest.files.find(({ name }) => name === 'model.safetensors')?.bytes ?? 0;
  if (bytes > mostModelBytes) {
    return (
      `The model is too large to read in a browser: it has ${formatBytes(bytes)}, and the limit is ` +
      `${formatBytes(mostModelBytes)}. \`lockstep predict\` has no limit.`
    );
  }
  return null;
}

const millions = (count: number): string => Math.round(count / 1e6).toLocaleString('en-US');
