import type { ReactNode } from 'react';

/** What may be wider than the screen scrolls by itself, also by the keyboard. */
export function Scroll({ children }: { children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <div className="scroll" tabIndex={0}>
      {children}
    </div>
  );
}
