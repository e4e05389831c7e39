import { errorFamily } from '../errors/codes.js';
import type { ReasonCode } from './states.js';

/** The reason code of a run that ended with this error code. */
export function reasonOf(code: string): ReasonCode {
  if (code === 'numerics.non-finite') return 'non-finite';
  if (code === 'numerics.diverged') return 'diverged';
  if (code === 'numerics.class-refused' || code.startsWith('numerics.isa-')) return 'numeric-class';
  if (code === 'infrastructure.rank-lost') return 'rank-lost';
  switch (errorFamily(code)) {
    case 'bad-input':
      return 'bad-input';
    case 'data':
      return 'data';
    case 'infrastructure':
      return 'infrastructure';
    case 'cancelled':
      return 'user';
    default:
      return 'internal';
  }
}
