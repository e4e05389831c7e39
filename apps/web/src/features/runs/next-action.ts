import { errorFamily } from '@lockstep/contracts';

/** What somebody does about a run that failed with this code. */
export function nextAction(code: string): string {
  if (code === 'numerics.non-finite') return 'Launch it again with a change: the same spec ends at the same step.';
  if (code === 'numerics.diverged')
    return 'Ranks computed different bits, which never happens on sound machines. Run npm run doctor on its nodes and check their memory; then retry.';
  if (code === 'numerics.class-refused' || code.startsWith('numerics.isa-'))
    return 'Add a node of the class that the run asks for, or launch it again with another instruction set.';
  if (code === 'infrastructure.out-of-memory')
    return 'Launch it again with a smaller batch or model, or on nodes with more memory.';
  if (code.startsWith('infrastructure.disk'))
    return 'Free some space on the node that the cause names, then retry: finished steps up to the last checkpoint are kept.';
  switch (errorFamily(code)) {
    case 'bad-input':
      return 'Change the spec as the cause says and launch it again.';
    case 'data':
      return 'Check that the dataset can be reached from the nodes and is the one that the run began with, then retry.';
    case 'infrastructure':
      return 'Look at the nodes that it ran on, then retry. It trains to the same bits as if nothing had happened.';
    case 'internal':
      return 'Retry. If it fails again, this is a defect of Lockstep: report it with the code and the log below.';
    default:
      return 'Retry, or launch it again with changes.';
  }
}
