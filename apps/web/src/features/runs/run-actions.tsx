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
    const tags = String(fields.get('tags'))
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '');
    const changes = { name: String(fields.get('name')), notes: String(fields.get('notes')), tags };
    setBusy(true);
    const problem = await trpc.run.update.mutate({ organisation, runId, ...changes }).then(() => null, messageOf);
    setBusy(false);
    setWrong(problem);
    if (problem !== null) return;
    await queries.invalidateQueries({ queryKey: ['run', organisation, runId] });
    dialog.current?.close();
  }

  return (
    <>
      <button type="button" disabled={!isAlive} onClick={() => dialog.current?.showModal()}>
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
        <form onSubmit={save} method="post" className="form">
          <label className="field">
            <span>Name</span>
            <input name="name" defaultValue={run.name} key={`name ${run.name}`} required maxLength={128} />
          </label>
          <label className="field">
            <span>Tags, with commas between them</span>
            <input name="tags" defaultValue={run.tags.join(', ')} key={`tags ${run.tags.join()}`} />
          </label>
          <label className="field">
            <span>Note</span>
            <textarea name="notes" rows={5} maxLength={20_000} defaultValue={run.notes} key={`notes ${run.notes}`} />
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
