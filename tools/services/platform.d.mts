export interface Platform {
  readonly url: string;
  readonly account: { readonly email: string; readonly password: string; readonly organisation: string };
  stop(): Promise<void>;
}
/** The whole service on this machine, its data below one folder. */
export function startPlatform(folder: string, options?: { nodes?: number }): Promise<Platform>;
export function buildService(options: { logFile: string; note: (text: string) => void }): Promise<unknown>;
