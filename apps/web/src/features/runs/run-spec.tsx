'use client';

import { useState } from 'react';
import { stringify } from 'yaml';
import { CopyButton } from '../../ui/copy-button.js';

/** What was asked for, and all that a result depends on. */
export function RunSpecPanel({ requested, resolved }: { requested: unknown; resolved: unknown }) {
  const [which, setWhich] = useState<'requested' | 'resolved'>('requested');
  const text = stringify(which === 'requested' ? requested : resolved, { lineWidth: 0, flowCollectionPadding: false });
  return (
    <section className="panel" aria-label="Spec">
      <header>
        <h2 className="grow">Spec</h2>
        {(['requested', 'resolved'] as const).map((each) => (
          <button key={each} type="button" aria-pressed={which === each} onClick={() => setWhich(each)}>
            {each}
          </button>
        ))}
        <CopyButton text={text} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <pre className="code" tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}
