export interface Platform {
  url: string;
  account: {
    email: string;
    password: string;
    organisation: string;
    project: string;
    token: string;
    credentials: Record<string, string>;
  };
  databaseUrl: string;
  temporal: { address: string; namespace: string };
  /** Folders. */
  logs: string[];
  api: {
    get(path: string): Promise<Record<string, unknown>>;
    send(
      method: string,
      path: string,
      body?: unknown,
      headers?: Record<string, string>,
    ): Promise<Record<string, unknown>>;
  };
  /** By name: postgres, temporal, web, control, node-1 … */
  members: Record<string, Member>;
  stop(): Promise<void>;
}
/** A service of the platform that can be ended and started again while the others go on. */
export interface Member {
  name: string;
  pid(): number;
  /** Without a chance to clean up. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
}
export function startPlatform(
  folder: string,
  options?: { nodes?: number; note?: (text: string) => void; onEnd?: (sentence: string) => void },
): Promise<Platform>;
/** Removes a stopped platform with all its data. */
export function removePlatform(folder: string): Promise<void>;
