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
  stop(): Promise<void>;
}
export function startPlatform(
  folder: string,
  options?: { nodes?: number; note?: (text: string) => void; onEnd?: (sentence: string) => void },
): Promise<Platform>;
/** Removes a stopped platform with all its data. */
export function removePlatform(folder: string): Promise<void>;
