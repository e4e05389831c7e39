import { restRoutes } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { createMatcher } from './match-route.js';

const match = createMatcher(restRoutes);

describe('routes', () => {
  it('are found by method and path', () => {
    expect(match('GET', ['runs', 'run_1'])).toEqual({ kind: 'found', name: 'getRun', params: { runId: 'run_1' } });
    expect(match('HEAD', ['runs'])).toMatchObject({ name: 'listRuns' });
  });

  it('prefer words to parameters', () => {
    expect(match('POST', ['runs', 'validate'])).toMatchObject({ name: 'validateRun' });
    expect(match('GET', ['runs', 'validate'])).toEqual({ kind: 'other-method', allow: ['POST'] });
  });

  it('say which methods a path has', () => {
    expect(match('PUT', ['runs'])).toEqual({ kind: 'other-method', allow: ['POST', 'GET'] });
  });

  it('are not found beyond, below and beside the table', () => {
    for (const path of [[], [''], ['runs', 'a', 'b', 'c', 'd'], ['Runs'], ['runs', 'run_1', '']]) {
      expect(match('GET', path).kind).toBe('none');
    }
  });
});
