/**
 * The first word of every error code: who has to act.
 *
 * - `bad-input`: the person who wrote the spec or the command.
 * - `data`: the owner of the dataset or of the checkpoint.
 * - `numerics`: the run itself cannot go on (the loss is not finite, ranks differ, the CPU computes differently).
 * - `infrastructure`: a process, a disk or a network failed; trying again may help.
 * - `cancelled`: somebody asked for the stop.
 * - `internal`: a defect of Lockstep.
 */
export const errorFamilies = ['bad-input', 'data', 'numerics', 'infrastructure', 'cancelled', 'internal'] as const;
export type ErrorFamily = (typeof errorFamilies)[number];

export type ErrorCode = `${ErrorFamily}.${string}`;

/** The family of a code: `errorFamily('data.corrupt') // 'data'`. Codes of no known family are `internal`. */
export function errorFamily(code: string): ErrorFamily {
  const word = code.split('.', 1)[0];
  return errorFamilies.find((family) => family === word) ?? 'internal';
}
