import type { NodeRow, RunState } from '@lockstep/contracts';

type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'idle';

const toneOf: Record<RunState | NodeRow['state'], Tone> = {
  queued: 'idle',
  allocating: 'idle',
  starting: 'busy',
  training: 'busy',
  recovering: 'warn',
  resizing: 'busy',
  paused: 'idle',
  evaluating: 'busy',
  stopping: 'warn',
  completed: 'good',
  failed: 'bad',
  cancelled: 'idle',
  ready: 'good',
  draining: 'warn',
  unreachable: 'bad',
  gone: 'idle',
};

const shapes: Record<Tone, string> = {
  good: 'M2.5 6.2 5 8.7l4.5-5.2',
  bad: 'M3 3l6 6M9 3l-6 6',
  warn: 'M6 2v5M6 9v1.2',
  busy: 'M4 2.5v7L9.5 6z',
  idle: 'M3 6h6',
};

/** Icon, word and colour: none of them alone. */
export function StateMark({ state }: { state: RunState | NodeRow['state'] }) {
  const tone = toneOf[state];
  return (
    <span className="state" data-tone={tone}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" className={tone === 'busy' ? 'spin' : ''}>
        <path
          d={shapes[tone]}
          stroke="currentColor"
          strokeWidth="1.5"
          fill={tone === 'busy' ? 'currentColor' : 'none'}
        />
      </svg>
      {state}
    </span>
  );
}
