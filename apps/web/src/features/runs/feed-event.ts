/** Something that happened in a run, other than metrics and logs. */
export interface FeedEvent {
  readonly cursor: number;
  readonly time: string;
  readonly kind: string;
  readonly data: Record<string, unknown>;
}
