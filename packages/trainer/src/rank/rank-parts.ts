import type { NumericClass, ResolvedSpec } from '@lockstep/contracts';
import type { Communicator, Session } from '@lockstep/engine/train';

/** What a rank is made of. `compose.ts` names the real parts; tests bring doubles. */
export interface RankParts {
  openCommunicator(options: { rank: number; worldSize: number; host: string; timeoutMs: number }): Communicator;
  createSession(options: {
    spec: ResolvedSpec;
    shards: { train: string | null; validation: string | null };
    rank: number;
    worldSize: number;
    threads: number;
    communicator: Communicator | null;
  }): Promise<Session>;
  numericClass(options: { isa: ResolvedSpec['isa']; probeDigest: string }): NumericClass;
}
