/** A node that was silent for so long gets no new ranks, and is shown as unreachable. */
export const unreachableAfterMs = 15_000;

export function isReachable(lastSeenAt: Date | null, nowMs: number): boolean {
  return lastSeenAt !== null && nowMs - lastSeenAt.getTime() < unreachableAfterMs;
}
