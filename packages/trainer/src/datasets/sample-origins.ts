/** Who made a dataset, and under which terms it may be used. */
export interface DatasetOrigin {
  readonly makers: string;
  readonly address: string;
  readonly licence: string;
}

/** Of the sample datasets, by name. */
export const sampleOrigins: Readonly<Record<string, DatasetOrigin>> = {
  mnist: {
    makers: 'Yann LeCun, Corinna Cortes and Christopher J.C. Burges, from data of NIST',
    address: 'http://yann.lecun.com/exdb/mnist/',
    licence: 'CC BY-SA 3.0',
  },
};
