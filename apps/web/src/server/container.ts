import { LockstepError } from '@lockstep/contracts';
import { type Db, listenRuns, openDb, organisationsOfRuns, streamReaders } from '@lockstep/db';
import { readSettings, type Settings } from '../env.js';
import { LiveHub } from './live/live-hub.js';
import { describeError, log } from './log.js';
import { type Auth, createAuth } from './services/auth.js';
import { type BlobStore, FolderBlobStore } from './services/blob-store.js';
import { LocalDatasets } from './services/local-datasets.js';
import { type Orchestrator, TemporalOrchestrator } from './services/orchestrator.js';
import { RunSignals } from './services/run-signals.js';
import { sweepBlobsOften } from './services/sweep-blobs.js';

/** What one process of the web application has once. */
export interface Container {
  readonly settings: Settings;
  readonly db: Db;
  readonly auth: Auth;
  /** Null: no address was given; runs wait until a control worker starts their workflows. */
  readonly orchestrator: Orchestrator | null;
  readonly blobs: BlobStore;
  readonly runSignals: RunSignals;
  readonly datasets: LocalDatasets;
  /** The live streams of browsers. */
  readonly live: LiveHub;
}

/** Next bundles routes apart from each other; the process has one container for all of them. */
const holder = globalThis as { lockstepContainer?: Container };

/** @throws LockstepError `infrastructure.not-configured` that names what is missing */
export function container(): Container {
  holder.lockstepContainer ??= createContainer(readSettings());
  return holder.lockstepContainer;
}

function createContainer(settings: Settings): Container {
  const databaseUrl = required(settings.databaseUrl, 'LOCKSTEP_DATABASE_URL', 'the address of Postgres');
  const secret = required(settings.authSecret, 'LOCKSTEP_AUTH_SECRET', 'a random text of at least 32 characters');
  const blobDir = required(settings.blobDir, 'LOCKSTEP_BLOB_DIR', 'a folder for checkpoints');
  const db = openDb({ url: databaseUrl });
  const runSignals = new RunSignals();
  const live = new LiveHub({
    streamReaders: (sessionIds) => streamReaders(db, sessionIds),
    organisationsOfRuns: (runIds) => organisationsOfRuns(db, runIds),
  });
  void listen(db, runSignals, live);
  const blobs = new FolderBlobStore(blobDir);
  sweepBlobsOften(db, blobs);
  return {
    settings,
    db,
    auth: createAuth(db, settings, secret),
    orchestrator:
      settings.temporalAddress === null
        ? null
        : new TemporalOrchestrator(settings.temporalAddress, settings.temporalNamespace),
    blobs,
    runSignals,
    datasets: new LocalDatasets(settings),
    live,
  };
}

const longestWaitMs = 10_000;

/** Waiters also look by themselves now and then, so that without this they are late, not wrong. */
async function listen(db: Db, runSignals: RunSignals, live: LiveHub): Promise<void> {
  for (let waitMs = 250; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
    try {
      await listenRuns(db, (news) => {
        if (news.kind === 'changed') {
          runSignals.notify(news.runId);
          live.runChanged(news.runId, news.cursor);
        } else if (news.kind === 'nodes') live.nodesChanged(news.organisationId);
        else {
          runSignals.notifyAll();
          live.everythingChanged();
        }
      });
      runSignals.notifyAll();
      live.everythingChanged();
      return;
    } catch (error) {
      if (waitMs === 250) log('warning', 'no news from Postgres; trying again', { error: describeError(error) });
      await new Promise((resolve) => setTimeout(resolve, waitMs).unref());
    }
  }
}

function required(value: string | null, name: string, what: string): string {
  if (value !== null) return value;
  throw new LockstepError(
    'infrastructure.not-configured',
    `Expected ${what} in ${name}, but it is not set. Set it and start the web application again.`,
  );
}
