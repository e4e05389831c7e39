'use client';

import type { Run } from '@lockstep/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ConfirmButton } from '../../ui/confirm-button.js';
import { actOnRuns, addTag, type Outcome, type RunAction, runActions } from './act-on-runs.js';

const mostCompared = 10;

/** What can be done with the runs that are selected. */
export function SelectionBar({
  runs,
  base,
  mayWrite,
  onClear,
  onGone,
}: {
  runs: readonly Run[];
  /** Address of the project. */
  base: string;
  mayWrite: boolean;
  onClear: () => void;
  /** Runs that are no more. */
  onGone: (runIds: readonly string[]) => void;
}) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState<string | null>(null);
  const [outcome, setOutcome] = useState<{
    action: string;
    result: Outcome;
    undo: (() => Promise<void>) | null;
  } | null>(null);

  async function act(action: RunAction, undoBy?: RunAction, on = runs.filter(action.fits)): Promise<void> {
    setOutcome(null);
    setBusy(`${action.name} …`);
    const result = await actOnRuns(action, on, (done) => setBusy(`${action.name}: ${done} of ${on.length} …`));
    setBusy(null);
    await queries.invalidateQueries({ queryKey: ['runs'] });
    const changed = on.filter(({ id }) => result.done.includes(id));
    const undo = undoBy === undefined || changed.length === 0 ? null : () => act(undoBy, undefined, changed);
    setOutcome({ action: action.name, result, undo });
    if (action === runActions.delete) onGone(result.done);
  }

  function tag(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = event.currentTarget;
    const name = String(new FormData(form).get('tag')).trim();
    if (name !== '') void act(addTag(name)).then(() => form.reset());
  }

  const fitting = ({ fits }: RunAction): number => runs.filter(fits).length;
  const button = (action: RunAction, undoBy?: RunAction) =>
    fitting(action) === 0 ? null : (
      <button type="button" disabled={busy !== null} onClick={() => act(action, undoBy)}>
        {action.name} {fitting(action) === runs.length ? '' : fitting(action)}
      </button>
    );

  return (
    <div className="stack">
      <div className="row selection-bar" role="toolbar" aria-label="Selected runs">
        <b className="mono">{runs.length} selected</b>
        {runs.length < 2 ? (
          <span className="muted small">Select 2 to {mostCompared} to compare</span>
        ) : runs.length > mostCompared ? (
          <span className="problem small">At most {mostCompared} can be compared</span>
        ) : (
          <a className="button" href={`${base}/compare?runs=${runs.map(({ id }) => id).join(',')}`}>
            Compare {runs.length}
          </a>
        )}
        {mayWrite ? (
          <>
            {button(runActions.cancel)}
            {button(runActions.retry)}
            {button(runActions.archive, runActions.unarchive)}
            {button(runActions.unarchive, runActions.archive)}
            <form className="row" onSubmit={tag} method="post">
              <input name="tag" aria-label="Tag to add" placeholder="Tag" maxLength={64} className="narrow" />
              <button type="submit" disabled={busy !== null}>
                Add tag
              </button>
            </form>
            {fitting(runActions.delete) === 0 ? null : (
              <ConfirmButton
                text="Delete"
                question={`Delete ${fitting(runActions.delete)} ${fitting(runActions.delete) === 1 ? 'run' : 'runs'}?`}
                confirm="Delete"
                className="danger"
                isDisabled={busy !== null}
                onConfirm={() => act(runActions.delete)}
              >
                Metrics, logs and checkpoints go with them, for good. Archiving hides runs and keeps everything.
              </ConfirmButton>
            )}
          </>
        ) : null}
        <span className="grow" />
        <button type="button" className="plain" onClick={onClear}>
          Clear selection
        </button>
      </div>
      {busy === null ? null : <p role="status">{busy}</p>}
      {outcome === null ? null : (
        <div role="status" className="row">
          <span>
            {outcome.action}: {outcome.result.done.length} done
            {outcome.result.refused.length === 0 ? '.' : `, ${outcome.result.refused.length} refused.`}
          </span>
          {outcome.undo === null ? null : (
            <button type="button" className="small" onClick={outcome.undo}>
              Undo
            </button>
          )}
          {outcome.result.refused.map((sentence) => (
            <span key={sentence} className="problem">
              {sentence}
            </span>
          ))}
        </div>
      )}
    </div>
  );
}
