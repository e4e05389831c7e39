import { describe, expect, it } from 'vitest';
import { countTests } from './vitest.mjs';

const report = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };

describe('countTests', () => {
  it('counts tests', () => {
    expect(countTests(report, 0)).toEqual({ passed: 5, failed: 0, skipped: 0 });
    expect(countTests({ ...report, numFailedTests: 2 }, 1)).toEqual({ passed: 5, failed: 2, skipped: 0 });
  });

  it('counts a file that could not be loaded as a failure', () => {
    const testResults = [{ status: 'failed', assertionResults: [] }];
    expect(countTests({ ...report, testResults }, 1).failed).toBe(1);
  });

  it('counts skipped tests as failures', () => {
    expect(countTests({ ...report, numPendingTests: 1, numTodoTests: 1 }, 0)).toEqual({
      passed: 5,
      failed: 2,
      skipped: 2,
    });
  });

  it('counts an error outside of any test as a failure', () => {
    expect(countTests(report, 1).failed).toBe(1);
  });
});
