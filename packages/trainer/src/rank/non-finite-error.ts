import { LockstepError } from '@lockstep/contracts';
import type { NonFinite } from '@lockstep/engine/train';

/** The error of a run whose numbers stopped being finite. `order` is the node's place in execution order. */
export class NonFiniteError extends LockstepError {
  readonly order: number;

  constructor({ step, node, order, what }: NonFinite) {
    const where = node === null ? '' : `, first at layer "${node}"`;
    super(
      'numerics.non-finite',
      `Expected finite numbers, but the ${what} of step ${step} is not${where}. Lower the learning rate, or look at the ` +
        'samples and the scaling of the input. Checkpoints from before are kept.',
      { step, ...(node === null ? {} : { node }) },
    );
    this.order = order;
  }
}
