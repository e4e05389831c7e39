'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useAlive } from './use-alive.js';

/** A form that runs an action with its fields, shows what went wrong, and renews the page when it went well. */
export function ActionForm({
  action,
  submit,
  children,
}: {
  /** A sentence to show, or null. */
  action: (fields: Readonly<Record<string, string>>) => Promise<string | null>;
  submit: string;
  children?: ReactNode;
}) {
  const router = useRouter();
  const [message, setMessage] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isAlive = useAlive();

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    setBusy(true);
    const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    setMessage(await action(fields));
    setBusy(false);
    router.refresh();
  }

  return (
    <form method="post" onSubmit={send}>
      {children}
      <button type="submit" disabled={isBusy || !isAlive}>
        {submit}
      </button>
      {message === null ? null : (
        <p role="status">
          <output>{message}</output>
        </p>
      )}
    </form>
  );
}
