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
  stop(): Promise<void>;
}
export function startPlatform(
  folder: string,
  options?: { nodes?: number; note?: (text: string) => void; onEnd?: (sentence: string) => void },
): Promise<Platform>;
