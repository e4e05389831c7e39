/**
 * Training speed over all generations of a run. The first burst of a generation is left out where others follow: it
 * holds the first touch of memory and code.
 */
export class Throughput {
  private samples = 0;
  private seconds = 0;
  private first: { samples: number; seconds: number } | null = null;
  private generation = -1;

  add(generation: number, samples: number, seconds: number): void {
    if (generation !== this.generation) {
      this.generation = generation;
      this.first ??= { samples, seconds };
      return;
    }
    this.samples += samples;
    this.seconds += seconds;
  }

  /** Samples a second; null before anything was trained. */
  get samplesPerSecond(): number | null {
    if (this.seconds > 0) return this.samples / this.seconds;
    return this.first && this.first.seconds > 0 ? this.first.samples / this.first.seconds : null;
  }
}
