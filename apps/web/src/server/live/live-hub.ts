import { LockstepError } from '@lockstep/contracts';
import type { Memberships } from '@lockstep/db';
import { LiveStream } from './live-stream.js';
import { Paced } from './paced.js';

/** Sessions and memberships are looked at again so often while streams are open. */
const checkMs = 1500;
/** Least time between two signals about the same run. */
const runMs = 250;
/** The same for the nodes of an organisation: their heartbeats. */
const nodesMs = 1000;
/** A browser has one, shared by its tabs; more are programs, or browsers that cannot share. */
const mostOfSession = 8;
const mostOfUser = 32;
const knownRuns = 20_000;

/** What the hub asks the database. */
export interface LiveReads {
  streamReaders(sessionIds: readonly string[]): Promise<ReadonlyMap<string, Memberships>>;
  organisationsOfRuns(runIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/**
 * Hands signals to the open streams of this process. However many runs and streams there are, the database is asked once
 * for a run that nobody asked about before, and once in a while for all sessions together.
 */
export class LiveHub {
  private readonly streams = new Set<LiveStream>();
  /** A run stays in its organisation, so that what was found once is true for ever. */
  private readonly organisationOf = new Map<string, string>();
  private readonly unknown = new Map<string, number>();
  private isAsking = false;
  private timer: NodeJS.Timeout | null = null;
  private readonly runs = new Paced<number>(runMs, (runId, cursor) => this.tellRun(runId, cursor));
  private readonly nodes = new Paced<null>(nodesMs, (organisationId) => this.tellNodes(organisationId));

  constructor(private readonly reads: LiveReads) {}

  runChanged(runId: string, cursor: number): void {
    if (this.streams.size > 0) this.runs.say(runId, cursor);
  }

  nodesChanged(organisationId: string): void {
    if (this.streams.size > 0) this.nodes.say(organisationId, null);
  }

  /** After a lost connection to the database. */
  everythingChanged(): void {
    for (const stream of this.streams) stream.tell('everything', { type: 'everything' });
  }

  /**
   * Opens a stream; `close` it when its reader is gone. Another one of the same browser ends: its connection was lost, or
   * its tab was.
   *
   * @throws LockstepError `auth.unauthenticated` for a session that has ended, `auth.rate-limited`
   */
  async open(reader: LiveStream['reader']): Promise<LiveStream> {
    const memberships = (await this.reads.streamReaders([reader.sessionId])).get(reader.sessionId);
    if (memberships === undefined) throw new LockstepError('auth.unauthenticated', 'The session has ended. Sign in.');
    const { sessionId, userId, browser } = reader;
    for (const each of this.streams) {
      if (browser === null || each.reader.sessionId !== sessionId || each.reader.browser !== browser) continue;
      each.end({ type: 'replaced' });
      this.close(each);
    }
    const open = [...this.streams].map((each) => each.reader);
    requireRoom(open.filter((each) => each.sessionId === sessionId).length, mostOfSession, 'session');
    requireRoom(open.filter((each) => each.userId === userId).length, mostOfUser, 'person');
    const stream = new LiveStream(reader, memberships);
    this.streams.add(stream);
    this.timer ??= this.checkLater();
    return stream;
  }

  close(stream: LiveStream): void {
    this.streams.delete(stream);
    if (this.streams.size > 0 || this.timer === null) return;
    clearTimeout(this.timer);
    this.timer = null;
  }

  private checkLater(): NodeJS.Timeout {
    return setTimeout(() => void this.check(), checkMs).unref();
  }

  /** Ends streams whose session has ended or whose reader may see less than before. */
  private async check(): Promise<void> {
    const streams = [...this.streams];
    try {
      const present = await this.reads.streamReaders([...new Set(streams.map(({ reader }) => reader.sessionId))]);
      for (const stream of streams) {
        const now = present.get(stream.reader.sessionId);
        const isLess = now === undefined || [...stream.memberships.keys()].some((id) => !now.has(id));
        if (isLess) {
          stream.end({ type: 'signed-out', reason: now === undefined ? 'session' : 'membership' });
          this.close(stream);
        } else if (now.size > stream.memberships.size) {
          stream.tellOf(now);
        }
      }
    } catch {
      // Without the database there are no signals either; it is asked again.
    }
    this.timer = this.streams.size > 0 ? this.checkLater() : null;
  }

  private tellRun(runId: string, cursor: number): void {
    const organisationId = this.organisationOf.get(runId);
    if (organisationId === undefined) {
      this.unknown.set(runId, cursor);
      void this.ask();
      return;
    }
    for (const stream of this.streams) {
      const organisation = stream.memberships.get(organisationId);
      if (organisation !== undefined) stream.tell(runId, { type: 'run', organisation, runId, cursor });
    }
  }

  private tellNodes(organisationId: string): void {
    for (const stream of this.streams) {
      const organisation = stream.memberships.get(organisationId);
      if (organisation !== undefined) stream.tell(organisationId, { type: 'nodes', organisation });
    }
  }

  /** Whose the runs are that came up since; those that come up meanwhile are asked for together. */
  private async ask(): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    try {
      while (this.unknown.size > 0) {
        const asked = new Map(this.unknown);
        this.unknown.clear();
        const found = await this.reads.organisationsOfRuns([...asked.keys()]);
        if (this.organisationOf.size + found.size > knownRuns) this.organisationOf.clear();
        for (const [runId, organisationId] of found) this.organisationOf.set(runId, organisationId);
        for (const [runId, cursor] of asked) if (found.has(runId)) this.tellRun(runId, cursor);
      }
    } catch {
      // Whose they are is not known now: everybody reads what they may.
      this.everythingChanged();
    } finally {
      this.isAsking = false;
    }
  }
}

function requireRoom(open: number, most: number, whose: string): void {
  if (open < most) return;
  throw new LockstepError(
    'auth.rate-limited',
    `Expected at most ${most} open live streams of one ${whose}, and there are as many. Close some of its windows or programs.`,
  );
}
