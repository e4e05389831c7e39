'use client';

import type { LogLine } from '@lockstep/contracts';
import { useEffect, useRef, useState } from 'react';
import { formatTime } from '../../ui/format.js';

/** Lines that are drawn at once; a search looks through all. */
const shownLines = 1000;

export function RunLog({ lines, isLive }: { lines: readonly LogLine[]; isLive: boolean }) {
  const [search, setSearch] = useState('');
  const [isFollowing, setFollowing] = useState(true);
  const box = useRef<HTMLDivElement>(null);
  const wanted = search.toLowerCase();
  const found = wanted === '' ? lines : lines.filter(({ text }) => text.toLowerCase().includes(wanted));
  const shown = found.slice(-shownLines);
  const last = shown.at(-1)?.cursor;

  // biome-ignore lint/correctness/useExhaustiveDependencies: also when a line was added
  useEffect(() => {
    if (isFollowing && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [isFollowing, last]);

  return (
    <section className="panel" aria-label="Log">
      <header>
        <h2>Log</h2>
        <span className="muted small grow">
          {lines.length === 0 ? '' : `${found.length} of ${lines.length} lines`}
          {found.length > shownLines ? `, the last ${shownLines} shown` : ''}
        </span>
        {lines.length === 0 ? null : (
          <>
            <input
              type="search"
              placeholder="Search lines"
              aria-label="Search lines"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
            <label className="check">
              <input type="checkbox" checked={isFollowing} onChange={(event) => setFollowing(event.target.checked)} />
              Follow
            </label>
          </>
        )}
      </header>
      {lines.length === 0 ? (
        <p className="empty">
          {isLive ? 'Its processes have written no line so far.' : 'Its processes wrote no line: nothing went wrong.'}
        </p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <div className="log mono" ref={box} tabIndex={0} role="log">
          {shown.map(({ cursor, time, source, level, text }) => (
            <div key={cursor} data-level={level}>
              <time dateTime={time}>{formatTime(time).slice(11)}</time>
              <span>{source}</span>
              <p>{text}</p>
            </div>
          ))}
        </div>
      )}
    </section>
  );
}
