export interface MetricMeaning {
  readonly unit: string;
  readonly goal: 'min' | 'max' | 'none';
  /** The number that stands for the series in lists. */
  readonly summary: 'first' | 'last' | 'min' | 'max';
}

/** Metrics that the product itself reports. */
export const metricCatalogue: Readonly<Record<string, MetricMeaning>> = {
  'train/loss': { unit: '', goal: 'min', summary: 'last' },
  'train/accuracy': { unit: '1', goal: 'max', summary: 'last' },
  'train/epochLoss': { unit: '', goal: 'min', summary: 'last' },
  'train/epochAccuracy': { unit: '1', goal: 'max', summary: 'last' },
  'train/learningRate': { unit: '', goal: 'none', summary: 'last' },
  'val/loss': { unit: '', goal: 'min', summary: 'min' },
  'val/accuracy': { unit: '1', goal: 'max', summary: 'max' },
  'test/loss': { unit: '', goal: 'min', summary: 'last' },
  'test/accuracy': { unit: '1', goal: 'max', summary: 'last' },
  'perf/samplesPerSecond': { unit: '1/s', goal: 'max', summary: 'last' },
  'perf/stepSeconds': { unit: 's', goal: 'min', summary: 'last' },
  'sys/cpu': { unit: '1', goal: 'none', summary: 'last' },
  'sys/memoryBytes': { unit: 'B', goal: 'none', summary: 'max' },
};

const unknownMetric: MetricMeaning = { unit: '', goal: 'none', summary: 'last' };

export function metricMeaning(name: string): MetricMeaning {
  return metricCatalogue[name] ?? unknownMetric;
}
