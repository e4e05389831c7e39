export interface LogLineRow {
  /** `<cursor of the batch>.<line in it>`, both from what the page starts after. */
  readonly cursor: string;
  readonly time: string;
  readonly source: string;
  readonly generation: number | null;
  readonly level: 'debug' | 'info' | 'warning' | 'error';
  readonly text: string;
}

/** The lines of one batch. */
export interface LogChunkRow {
  readonly cursor: number;
  readonly generation: number;
  readonly source: string;
  readonly lines: readonly Pick<LogLineRow, 'time' | 'level' | 'text'>[];
}

export function linesOf({ cursor, generation, source, lines }: LogChunkRow): LogLineRow[] {
  return lines.map(({ time, level, text }, index) => ({
    cursor: `${cursor}.${index}`,
    time,
    source,
    generation,
    level,
    text,
  }));
}
