/** Raised when a kernel, the order of a sum or a random stream changes bits; golden digests guard it. */
export const numericsVersion = 1;

/** Versions that a resolved spec records; a test holds them to the packages'. */
export const versions = { engine: '0.1.0', kernels: '0.1.0' } as const;
