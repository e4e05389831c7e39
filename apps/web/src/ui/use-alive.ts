'use client';

import { useEffect, useState } from 'react';

/** Whether the page's script runs. Forms wait for it: the browser itself would send them as it knows to. */
export function useAlive(): boolean {
  const [isAlive, setAlive] = useState(false);
  useEffect(() => setAlive(true), []);
  return isAlive;
}
