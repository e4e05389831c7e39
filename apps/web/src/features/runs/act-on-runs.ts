import type { Run } from '@lockstep/contracts';
import { messageOf, trpc } from '../api/trpc-client.js';
import { isOver } from './run-numbers.js';

export interface RunAction {
  readonly name: string;
  /** What a run must be for it. */
  readonly fits: (run: Run) => boolean;
  readonly act: (run: Run) => Promise<unknown>;
}

const of = ({ organisation, id: runId }: Run) => ({ organisation, runId });

export const runActions = {
  cancel: {
    name: 'Cancel',
    fits: ({ state }) => !isOver(state),
    act: (run) => trpc.run.cancel.mutate(of(run)),
  },
  retry: {
    name: 'Retry',
    fits: ({ state }) => isOver(state),
    act: (run) => trpc.run.retry.mutate(of(run)),
  },
  archive: {
    name: 'Archive',
    fits: ({ archivedAt }) => archivedAt === null,
    act: (run) => trpc.run.update.mutate({ ...of(run), archived: true }),
  },
  unarchive: {
    name: 'Take out of the archive',
    fits: ({ archivedAt }) => archivedAt !== null,
    act: (run) => trpc.run.update.mutate({ ...of(run), archived: false }),
  },
  delete: {
    name: 'Delete',
    fits: ({ state }) => isOver(state),
    act: (run) => trpc.run.delete.mutate(of(run)),
  },
} satisfies Record<string, RunAction>;

export function addTag(tag: string): RunAction {
  return {
    name: `Tag ${tag}`,
    fits: ({ tags }) => !tags.includes(tag),
    act: (run) => trpc.run.update.mutate({ ...of(run), addTags: [tag] }),
  };
}

export interface Outcome {
  /** Ids. */
  readonly done: readonly string[];
  /** In words, with the run's name. */
  readonly refused: readonly string[];
}

/** One after the other, so that a refusal of one stops no other. */
export async function actOnRuns(
  { act }: Pick<RunAction, 'act'>,
  runs: readonly Run[],
  onProgress: (done: number) => void,
): Promise<Outcome> {
  const refused: string[] = [];
  const done: string[] = [];
  for (const run of runs) {
    try {
      await act(run);
      done.push(run.id);
      onProgress(done.length);
    } catch (error) {
      refused.push(`${run.name}: ${messageOf(error)}`);
    }
  }
  return { done, refused };
}
