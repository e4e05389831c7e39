/** A parameter, buffer or optimizer slot in canonical (row-major) layout. */
export interface StateTensor {
  /** `conv1.weight`, `bn1.runningMean`, `optimizer/conv1.weight/momentum`. */
  name: string;
  shape: readonly number[];
  data: Float32Array;
}
