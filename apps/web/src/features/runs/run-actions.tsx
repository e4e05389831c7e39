'use client';

import type { RunDetail } from '@lockstep/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { ConfirmButton } from '../../ui/confirm-button.js';
import { useAlive } from '../../ui/use-alive.js';
import { messageOf, trpc } from '../api/trpc-client.js';
import { runActions } from './act-on-runs.js';
import { isOver } from './run-numbers.js';

/** Name, tags and note of a run, its place in the archive, its end. */
export function RunActions({ run, onProblem }: { run: RunDetail; onProblem: (problem: string | null) => void }) {
  const { organisation, id: runId } = run;
  const queries = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const isAlive = useAlive();
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  /** The run as it was when the dialog was opened: what others change meanwhile does not take away what is typed. */
  const [edited, setEdited] = useState<{ readonly run: RunDetail; readonly opening: number }>({ run, opening: 0 });
  const archive = run.archivedAt === null ? runActions.archive : runActions.unarchive;

  async function act(action: Promise<unknown>): Promise<boolean> {
    setBusy(true);
    const problem = await action.then(() => null, messageOf);
    setBusy(false);
    onProblem(problem);
    await queries.invalidateQueries({ queryKey: ['run', organisation, runId] });
    return problem === null;
  }

  async function save(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const typed = (name: string): string => String(fields.get(name)).replaceAll('\r\n', '\n');
    const { name, notes, tags } = edited.run;
    // What was not touched is not sent, so that it does not undo what others changed.
    const changes = {
      ...(typed('name') === name ? {} : { name: typed('name') }),
      ...(typed('notes') === notes ? {} : { notes: typed('notes') }),
      ...(typed('tags') === textOf(tags) ? {} : { tags: tagsIn(typed('tags')) }),
    };
    setBusy(true);
    const problem = await trpc.run.update.mutate({ organisation, runId, ...changes }).then(() => null, messageOf);
    setBusy(false);
    setWrong(problem);
    if (problem !== null) return;
    await queries.invalidateQueries({ queryKey: ['run', organisation, runId] });
    dialog.current?.close();
  }

  function edit(): void {
    setEdited(({ opening }) => ({ run, opening: opening + 1 }));
    setWrong(null);
    dialog.current?.showModal();
  }

  return (
    <>
      <button type="button" disabled={!isAlive} onClick={edit}>
        Edit
      </button>
      {isOver(run.state) ? (
        <>
          <button
            type="button"
            disabled={isBusy || !isAlive}
            onClick={() => act(trpc.run.setBaseline.mutate({ organisation, runId }))}
            title="Other runs of its experiment are compared with it"
          >
            Make baseline
          </button>
          <button type="button" disabled={isBusy || !isAlive} onClick={() => act(archive.act(run))}>
            {archive.name}
          </button>
          <ConfirmButton
            text="Delete"
            question={`Delete ${run.name}?`}
            confirm="Delete"
            className="danger"
            isDisabled={isBusy}
            onConfirm={async () => {
              if (await act(runActions.delete.act(run))) window.location.assign(`/${organisation}/${run.project}/runs`);
            }}
          >
            Its metrics, logs and checkpoints go with it, for good. Archiving hides it and keeps everything.
          </ConfirmButton>
        </>
      ) : null}
      <dialog ref={dialog} aria-label="Edit run" className="dialog">
        <form onSubmit={save} method="post" className="form" key={edited.opening}>
          <label className="field">
            <span>Name</span>
            <input name="name" defaultValue={edited.run.name} required maxLength={128} />
          </label>
          <label className="field">
            <span>Tags, with commas between them</span>
            <input name="tags" defaultValue={textOf(edited.run.tags)} />
          </label>
          <label className="field">
            <span>Note</span>
            <textarea name="notes" rows={5} maxLength={20_000} defaultValue={edited.run.notes} />
          </label>
          {wrong === null ? null : (
            <p role="alert" className="problem">
              {wrong}
            </p>
          )}
          <p className="row end">
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
            <button type="submit" className="primary" disabled={isBusy}>
              Save
            </button>
          </p>
        </form>
      </dialog>
    </>
  );
}

const textOf = (tags: readonly string[]): string => tags.join(', ');

function tagsIn(text: string): string[] {
  return text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}
