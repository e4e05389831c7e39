'use client';

import { useEffect } from 'react';

/** The title of the page, while it changes: what a tab in the background shows. */
export function useTitle(text: string): void {
  useEffect(() => {
    document.title = `${text} · Lockstep`;
  }, [text]);
}
