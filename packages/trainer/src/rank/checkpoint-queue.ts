import type { TrainCheckpoint } from '@lockstep/engine/train';

interface Entry {
  checkpoint: TrainCheckpoint;
  done: () => void;
  failed: (error: unknown) => void;
}

/**
 * Writes checkpoints one after the other while training goes on. A checkpoint that was only due gives way to a later
 * one before its turn comes: when the disk is slower than the schedule, the newest state is the one worth keeping, and
 * memory holds at most a few snapshots.
 */
export class CheckpointQueue {
  private readonly waiting: Entry[] = [];
  private running = false;

  constructor(private readonly write: (checkpoint: TrainCheckpoint) => Promise<void>) {}

  /** Resolves when the checkpoint is safe or has given way; rejects when it could not be written. */
  add(checkpoint: TrainCheckpoint): Promise<void> {
    return new Promise((done, failed) => {
      const replaced = this.waiting.findIndex((entry) => entry.checkpoint.reason === 'due');
      if (replaced >= 0) this.waiting.splice(replaced, 1)[0]?.done();
      this.waiting.push({ checkpoint, done, failed });
      void this.drain();
    });
  }

  private async drain(): Promise<void> {
    if (this.running) return;
    this.running = true;
    for (let entry = this.waiting.shift(); entry; entry = this.waiting.shift()) {
      try {
        await this.write(entry.checkpoint);
        entry.done();
      } catch (error) {
        entry.failed(error);
      }
    }
    this.running = false;
  }
}
