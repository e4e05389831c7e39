export function buildWeb(options: {
  logFile: string;
  onLine?: (line: string) => void;
}): Promise<'built' | 'up to date'>;

export interface WebService {
  url: string;
  port: number;
  pid: number;
  logFile: string;
  stop(): Promise<void>;
  ended: Promise<void>;
}
export function startWeb(
  dataDir: string,
  options: { databaseUrl: string; temporalAddress?: string; port?: number; env?: Record<string, string> },
): Promise<WebService>;
