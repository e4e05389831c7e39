import type { ReactNode } from 'react';
import { Brand } from './brand.js';

/** A page for people who are not signed in. */
export function SignPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="center">
      <p className="brand">
        <Brand />
      </p>
      <div>
        <h1>{title}</h1>
        <p className="muted">The same bits on one worker or many, whatever fails on the way.</p>
      </div>
      {children}
    </main>
  );
}
