'use client';

import { type ReactNode, useId, useRef, useState } from 'react';
import { useAlive } from './use-alive.js';

/** A button whose action is asked about first, in a dialog that Escape leaves. */
export function ConfirmButton({
  text,
  question,
  children,
  confirm,
  className = '',
  isDisabled = false,
  onConfirm,
}: {
  text: string;
  question: string;
  /** What will happen. */
  children: ReactNode;
  confirm: string;
  className?: string;
  isDisabled?: boolean;
  onConfirm: () => Promise<void> | void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const isAlive = useAlive();
  const [isBusy, setBusy] = useState(false);

  async function act(): Promise<void> {
    setBusy(true);
    await onConfirm();
    setBusy(false);
    dialog.current?.close();
  }

  return (
    <>
      <button
        type="button"
        className={className}
        disabled={isDisabled || !isAlive}
        onClick={() => dialog.current?.showModal()}
      >
        {text}
      </button>
      <dialog ref={dialog} aria-labelledby={title} className="dialog">
        <h2 id={title}>{question}</h2>
        <div className="muted">{children}</div>
        <p className="row end">
          {/* biome-ignore lint/a11y/noAutofocus: the choice that changes nothing comes first in a dialog */}
          <button type="button" autoFocus onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="button" className="danger" disabled={isBusy} onClick={act}>
            {confirm}
          </button>
        </p>
      </dialog>
    </>
  );
}
