'use client';

import { type FormEvent, useState } from 'react';
import { useAlive } from '../../ui/use-alive.js';

export interface AccountField {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'email' | 'password';
  readonly autoComplete: string;
  readonly minLength?: number;
}

/** Sends its fields as JSON and goes on to `next`, a path of this server, when they were accepted. */
export function AccountForm({
  action,
  fields,
  fragmentField,
  submit,
  next,
}: {
  action: string;
  fields: readonly AccountField[];
  /** Field that takes its value from behind `#` in the address, which no server and no log sees. */
  fragmentField?: string;
  submit: string;
  next: string;
}) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isAlive = useAlive();

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const values = Object.fromEntries(new FormData(event.currentTarget));
    const fragment = window.location.hash.slice(1);
    if (fragmentField !== undefined && fragment !== '') values[fragmentField] = fragment;
    const answer = await fetch(action, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(values),
    }).catch(() => null);
    if (answer?.ok) {
      window.location.assign(next);
      return;
    }
    setBusy(false);
    setProblem(await problemOf(answer));
  }

  return (
    <form method="post" onSubmit={send}>
      {fields.map(({ name, label, ...rest }) => (
        <p key={name}>
          <label>
            {label} <input name={name} required {...rest} />
          </label>
        </p>
      ))}
      <button type="submit" disabled={isBusy || !isAlive}>
        {submit}
      </button>
      {problem === null ? null : <p role="alert">{problem}</p>}
    </form>
  );
}

async function problemOf(answer: Response | null): Promise<string> {
  if (answer === null) return 'The server cannot be reached. Try again.';
  const body = (await answer.json().catch(() => ({}))) as { detail?: string; message?: string };
  return body.detail ?? body.message ?? 'That did not work. Try again.';
}
