'use client';

import { useState } from 'react';
import { copyText } from './copy-text.js';

export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [outcome, setOutcome] = useState<'copied' | 'refused' | null>(null);
  return (
    <button
      type="button"
      onClick={() => copyText(text).then((isCopied) => setOutcome(isCopied ? 'copied' : 'refused'))}
      onBlur={() => setOutcome(null)}
    >
      {outcome === null ? label : outcome === 'copied' ? 'Copied' : 'Not allowed: mark it and press Ctrl+C'}
    </button>
  );
}
