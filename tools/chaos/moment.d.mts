export interface Field {
  platform: { url: string };
  close(): Promise<void>;
}
export interface Expected {
  totalSteps: number;
}
export interface MomentResult {
  name: string;
  what: string;
  faults: string[];
}
export function startField(
  folder: string,
  note: (text: string) => void,
  onEnd: (sentence: string) => void,
): Promise<Field>;
export function specOf(epochs: number): Record<string, unknown>;
export function undisturbedRun(platform: Field['platform'], spec: Record<string, unknown>): Promise<Expected>;
export function runMoment(input: {
  field: Field;
  spec: Record<string, unknown>;
  expected: Expected;
  seed: string;
  name: string;
  moment: number;
  cutMs?: number;
}): Promise<MomentResult>;
