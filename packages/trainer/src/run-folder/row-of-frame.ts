import type { FromRankFrame } from '@lockstep/contracts';
import type { MetricsRow } from './metrics-log.js';

/** The metrics row of a frame, with means in place of sums; null where the frame is none. */
export function rowOfFrame(frame: FromRankFrame): MetricsRow | null {
  switch (frame.type) {
    case 'progress': {
      const { type, lossSum, correct, ...rest } = frame;
      return { kind: 'train', loss: lossSum / frame.samples, accuracy: correct / frame.samples, ...rest };
    }
    case 'epoch': {
      const { type, ...rest } = frame;
      return { kind: 'epoch', ...rest };
    }
    case 'validation': {
      const { type, ...rest } = frame;
      return { kind: 'validation', ...rest };
    }
    case 'checkpoint': {
      const { generation, step, path } = frame;
      return { kind: 'checkpoint', generation, step, path };
    }
    default:
      return null;
  }
}
