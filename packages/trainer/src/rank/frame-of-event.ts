import type { FromRankFrame } from '@lockstep/contracts';
import type { TrainEvent } from '@lockstep/engine/train';

/** What the training loop reports, as a frame for the supervisor. */
export function frameOfEvent(event: TrainEvent, generation: number): FromRankFrame {
  switch (event.kind) {
    case 'train': {
      const { kind, ...rest } = event;
      const samplesPerSecond = event.seconds > 0 ? event.samples / event.seconds : 0;
      return { type: 'progress', generation, ...rest, samplesPerSecond };
    }
    case 'epoch': {
      const { kind, ...rest } = event;
      return { type: 'epoch', generation, ...rest };
    }
    case 'evaluating': {
      const { kind, ...rest } = event;
      return { type: 'evaluating', generation, ...rest };
    }
    case 'validation': {
      const { kind, ...rest } = event;
      return { type: 'validation', generation, ...rest };
    }
  }
}
