/** Tells the first value of a key at once, then the newest of each interval, and no value twice. */
export class Paced<Value> {
  /** Keys that were told less than an interval ago, with what came since. */
  private readonly resting = new Map<string, { readonly value: Value } | null>();

  constructor(
    private readonly intervalMs: number,
    private readonly tell: (key: string, value: Value) => void,
  ) {}

  say(key: string, value: Value): void {
    if (this.resting.has(key)) {
      this.resting.set(key, { value });
      return;
    }
    this.resting.set(key, null);
    setTimeout(() => this.wake(key), this.intervalMs).unref();
    this.tell(key, value);
  }

  private wake(key: string): void {
    const next = this.resting.get(key) ?? null;
    this.resting.delete(key);
    if (next !== null) this.say(key, next.value);
  }
}
