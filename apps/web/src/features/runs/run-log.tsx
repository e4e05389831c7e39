'use client';

import { useEffect, useRef, useState } from 'react';
import { formatCount, formatTime } from '../../ui/format.js';
import type { RunLines } from './run-lines.js';

/** Lines that are drawn at once; a search looks through all. */
const shownLines = 1000;

const nothing: RunLines = { lines: [], total: 0 };

export function RunLog({
  log,
  isLive,
  exportPath,
}: {
  /** Null while it is read. */
  log: RunLines | null;
  isLive: boolean;
  /** Where every line is to be had as a file. */
  exportPath: string;
}) {
  const { lines, total } = log ?? nothing;
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
          {lines.length === 0 ? '' : countsOf(found.length, lines.length, total)}
          {found.length > shownLines ? `, the last ${formatCount(shownLines)} shown` : ''}
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
            <a
              className="button small"
              href={`${exportPath}?what=logs&format=csv`}
              download
              aria-label="All lines of the log as CSV"
              title={total > lines.length ? 'All lines as CSV, the older ones too' : 'All lines as CSV'}
            >
              CSV
            </a>
          </>
        )}
      </header>
      {lines.length === 0 ? (
        <p className="empty">
          {log === null
            ? 'Reading …'
            : isLive
              ? 'Its processes have written no line so far.'
              : 'Its processes wrote no line: nothing went wrong.'}
        </p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <div className="log mono" ref={box} tabIndex={0} role="log">
          {shown.map(({ cursor, time, source, level, text }) => (
            <div key={cursor} data-level={level}>
              <time dateTime={time} title={`${formatTime(time)} UTC`}>
                {formatTime(time).slice(11)}
              </time>
              <span>{source}</span>
              <p>{text}</p>
            </div>
          ))}
        </div>
      )}
    </section>
  );
}

/** A search looks through what is at hand: the newest lines, where there are older ones. */
function countsOf(found: number, atHand: number, total: number): string {
  if (atHand === total) return `${formatCount(found)} of ${formatCount(total)} lines`;
  const newest = `the newest ${formatCount(atHand)} of ${formatCount(total)} lines`;
  return found === atHand ? newest : `${formatCount(found)} in ${newest}`;
}
