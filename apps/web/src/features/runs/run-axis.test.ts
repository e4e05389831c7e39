import { describe, expect, it } from 'vitest';
import { axisMap } from './run-axis.js';

const clock = { steps: [10, 20, 40], trainingSeconds: [1, 3, 4], coreSeconds: [2, 6, 8] };

describe('axes of a run', () => {
  it('map steps to training time on straight lines between what is known, and back', () => {
    const map = axisMap('time', 10, clock);
    const steps = [0, 5, 10, 15, 20, 30, 40];
    const seconds = [0, 0.5, 1, 2, 3, 3.5, 4];
    expect(steps.map((step) => map?.toX(step))).toEqual(seconds);
    expect(seconds.map((x) => map?.toStep(x))).toEqual(steps);
  });

  it('go on past the last known step as before it', () => {
    expect(axisMap('cores', 10, clock)?.toX(60)).toBe(10);
  });

  it('count epochs', () => {
    expect(axisMap('epoch', 8, undefined)?.toX(12)).toBe(1.5);
    expect(axisMap('epoch', null, undefined)).toBeNull();
  });

  it('are not known without a clock', () => {
    expect(axisMap('time', 8, undefined)).toBeNull();
    expect(axisMap('cores', 8, { steps: [], trainingSeconds: [], coreSeconds: [] })).toBeNull();
  });
});
