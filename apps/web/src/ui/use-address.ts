'use client';

import { useEffect } from 'react';
import { withParams } from './with-params.js';

/** Browsers refuse many changes of the address in a short time. */
const restMs = 300;

/** Keeps these parameters in the address, without a place in the history for each change. Empty ones are left out. */
export function useAddress(values: Readonly<Record<string, string>>): void {
  // Pages are drawn again more often than that while a run is live: what is the same must not begin the wait anew.
  const wanted = JSON.stringify(values);
  useEffect(() => {
    const timer = setTimeout(() => {
      const { pathname, search, hash } = window.location;
      const next = String(withParams(new URLSearchParams(search), JSON.parse(wanted)));
      const query = next === '' ? '' : `?${next}`;
      if (query !== search) window.history.replaceState(null, '', `${pathname}${query}${hash}`);
    }, restMs);
    return () => clearTimeout(timer);
  }, [wanted]);
}
