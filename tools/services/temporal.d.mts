export interface TemporalService {
  address: string;
  namespace: string;
  /** Null where it is not ours. */
  pid: number | null;
  /** False where it was running already. */
  started: boolean;
  stop(): Promise<void>;
}
export function startTemporal(
  folder: string,
  options?: { note?: (text: string) => void; endWithParent?: boolean },
): Promise<TemporalService>;
export function stopTemporal(folder: string): Promise<void>;
