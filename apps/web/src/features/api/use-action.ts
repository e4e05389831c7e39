'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { messageOf } from './trpc-client.js';

/** Does one thing after another, keeps what went wrong in words, and reads the page again after each. */
export function useAction() {
  const router = useRouter();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  async function act(action: Promise<unknown>): Promise<void> {
    setBusy(true);
    setProblem(await action.then(() => null, messageOf));
    setBusy(false);
    router.refresh();
  }
  return { isBusy, problem, act };
}
