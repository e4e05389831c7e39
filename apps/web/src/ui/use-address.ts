'use client';

import { useEffect } from 'react';

/** Browsers refuse many changes of the address in a short time. */
const restMs = 300;

/** Keeps the address as `change` makes it, without a place in the history for each change. */
export function useAddress(change: (params: URLSearchParams) => URLSearchParams): void {
  useEffect(() => {
    const timer = setTimeout(() => {
      const { pathname, search, hash } = window.location;
      const next = String(change(new URLSearchParams(search)));
      const query = next === '' ? '' : `?${next}`;
      if (query !== search) window.history.replaceState(null, '', `${pathname}${query}${hash}`);
    }, restMs);
    return () => clearTimeout(timer);
  });
}
