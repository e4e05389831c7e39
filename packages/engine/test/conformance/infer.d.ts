import type { LayerSpec } from '@lockstep/contracts';
import type { Inferred } from '../../src/graph/shape-rule.js';
import type { Shape } from '../../src/graph/types.js';
/** What an op's shape rule says about one layer named `node` with inputs x0, x1 …. */
export declare function infer(layer: LayerSpec, ...inputShapes: Shape[]): Inferred;
//# sourceMappingURL=infer.d.ts.map
