/**
 * The first word of every error code: who has to act.
 *
 * - `bad-input`: the person who wrote the spec or the command.
 * - `auth`: whoever sends a request: sign in, use another token, or ask for a role.
 * - `data`: the owner of the dataset or of the checkpoint.
 * - `numerics`: the run itself cannot go on (the loss is not finite, ranks differ, the CPU computes differently).
 * - `infrastructure`: a process, a disk or a network failed; trying again may help.
 * - `cancelled`: somebody asked for the stop.
 * - `internal`: a defect of Lockstep.
 */
export const errorFamilies = [
  'bad-input',
  'auth',
  'data',
  'numerics',
  'infrastructure',
  'cancelled',
  'internal',
] as const;
export type ErrorFamily = (typeof errorFamilies)[number];

/** Every code, with what it says. A code is never renamed: programs outside decide by it. */
export const errorCodes = {
  'bad-input.syntax': 'the text is not a YAML or JSON document that is read here',
  'bad-input.too-large': 'the document has more bytes, levels or values than allowed',
  'bad-input.unknown-field': 'a field that does not exist',
  'bad-input.field': 'a field of the wrong type or outside of its bounds',
  'bad-input.graph': 'a graph that cannot be built: unknown inputs, cycles, shapes that do not fit',
  'bad-input.memory': 'tensors or a run that need more memory than allowed',
  'bad-input.classes': 'the model gives another number of classes than the data has',
  'bad-input.batch-size': 'a batch larger than the data',
  'bad-input.batch-norm-lane': 'too few samples a lane for batch norm',
  'bad-input.lanes': 'lanes that are no power of two, or more than samples of a batch',
  'bad-input.workers': 'no worker, or more workers and threads than lanes',
  'bad-input.optimizer': 'optimizer settings that float32 cannot hold',
  'bad-input.schedule': 'a schedule out of order, or with a rate beyond its bound',
  'bad-input.steps': 'more steps than a run may have',
  'bad-input.validation': 'a setting that needs validation samples where there are none',
  'bad-input.input': 'mean or standard deviation that do not suit the samples',
  'bad-input.isa': 'an instruction set that is not known',
  'bad-input.unknown-dataset': 'no sample dataset of this name',
  'bad-input.dataset-folder': 'a folder without the files of a dataset, or with several candidates',
  'bad-input.option': 'an option of the command line that does not fit',
  'bad-input.path': 'a path that does not exist or cannot be read',
  'bad-input.spec-file': 'no spec, or one that cannot be read',
  'bad-input.run-dir': 'a run folder that is not one, or is in use for something else',
  'bad-input.run-busy': 'another process is working in the run folder',
  'bad-input.resume': 'a run that was started with another spec',
  'bad-input.image': 'an image that cannot be read or has another shape than the model takes',
  'bad-input.taken': 'a name or address that is in use already',
  'bad-input.state': 'an action that what it is about does not allow in its present state',
  'bad-input.in-use': 'something to delete that other things refer to',
  'bad-input.limit': 'more than a limit of the organisation allows',
  'bad-input.content-type': 'a body of another type than the one that is read here',
  'bad-input.method': 'a method that this address does not have',
  'bad-input.idempotency-key': 'an idempotency key that was used for another request',

  'auth.unauthenticated': 'no credential, or one that is not valid',
  'auth.forbidden': 'an action that the role or the scopes do not allow',
  'auth.not-found': 'something that does not exist, or that the asker may not know of',
  'auth.origin': 'a request of a browser that does not come from our own pages',
  'auth.rate-limited': 'more requests than allowed; the message says when to try again',

  'data.unreachable': 'a dataset that none of its sources gave',
  'data.unreadable': 'a file of a dataset or checkpoint that cannot be read',
  'data.corrupt': 'a file that is not what its header or its hash says',
  'data.changed': 'a dataset that is not the one that the run was started with',
  'data.too-few-classes': 'fewer than two classes',
  'data.label-out-of-range': 'a label that is no class',
  'data.shape-mismatch': 'tensors or samples of another shape than the model has',
  'data.no-checkpoint': 'a run without a checkpoint that verifies',
  'data.checkpoint-missing': 'a checkpoint that is not there',
  'data.checkpoint-newer': 'a checkpoint of a later version of its format',
  'data.checkpoint-damaged': 'a checkpoint that does not verify',
  'data.checkpoint-incomplete': 'a checkpoint without everything that the model needs',
  'data.checkpoint-mismatch': 'a checkpoint of another run or model',

  'numerics.non-finite': 'a loss or gradient that is not finite',
  'numerics.diverged': 'ranks whose states differ where they must be equal',
  'numerics.class-refused': 'a rank of another numeric class than the others',
  'numerics.isa-missing': 'a CPU without the instruction set of the run',
  'numerics.isa-fixed': 'a process that has computed with another instruction set already',

  'infrastructure.peer-lost': 'another rank that went away or was silent past its deadline',
  'infrastructure.rank-lost': 'ranks that were lost again and again without progress',
  'infrastructure.disk': 'a disk that failed',
  'infrastructure.disk-full': 'a full disk, or a quota that is used up',
  'infrastructure.disk-denied': 'a folder that may not be written',
  'infrastructure.database': 'a database that cannot be reached, or that failed',
  'infrastructure.service': 'a service that cannot be reached, or whose answer cannot be read',
  'infrastructure.orchestrator': 'workflows that cannot be reached',
  'infrastructure.not-configured': 'a server that was started without something that it needs',
  'infrastructure.stale-generation': 'a write of a membership generation that is not the current one',
  'infrastructure.out-of-memory': 'memory that the machine did not give',

  'cancelled.user': 'stopped by a person',

  'internal.request': 'a request that failed without a code',
  'internal.frame': 'bytes on the pipe that are no frame',
  'internal.rank': 'a rank that failed without a code',
  'internal.rank-crashed': 'a rank that crashed',
  'internal.rendezvous': 'ranks that gave addresses that do not fit together',
} as const satisfies Record<`${ErrorFamily}.${string}`, string>;
export type ErrorCode = keyof typeof errorCodes;

/** The family of a code: `errorFamily('data.corrupt') // 'data'`. Codes of no known family are `internal`. */
export function errorFamily(code: string): ErrorFamily {
  const word = code.split('.', 1)[0];
  return errorFamilies.find((family) => family === word) ?? 'internal';
}
