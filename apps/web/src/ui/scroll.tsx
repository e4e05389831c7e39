import type { ReactNode } from 'react';

/** What may be wider than the screen scrolls by itself, also by the keyboard. */
export function Scroll({
  isLow = false,
  children,
}: {
  /** Of limited height, with the head of its table in view. */ isLow?: boolean;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <div className={isLow ? 'scroll low' : 'scroll'} tabIndex={0}>
      {children}
    </div>
  );
}
