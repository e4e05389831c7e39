'use client';

import { useEffect, useState } from 'react';

/** How often the page's colours have changed; what is drawn on a canvas is drawn again then. */
export function useThemeChanges(): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const renew = (): void => setChanges((count) => count + 1);
    const system = window.matchMedia('(prefers-color-scheme: dark)');
    window.addEventListener('themechange', renew);
    system.addEventListener('change', renew);
    return () => {
      window.removeEventListener('themechange', renew);
      system.removeEventListener('change', renew);
    };
  }, []);
  return changes;
}
