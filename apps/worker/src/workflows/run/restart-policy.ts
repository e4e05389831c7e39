/** Losses without getting further after which a run gives up. The supervisor of a single machine has the same limits. */
const mostLosses = 20;
const mostUnlikely = 4;
const longestDelayMs = 5000;

export interface LossCount {
  losses: number;
  unlikely: number;
}

/**
 * Takes in a lost generation. A rank that was killed or cut off says little about the next try; one that crashed by
 * itself, or never got ready, will most likely do so again. Gives the new count and the milliseconds to wait before the
 * next generation, or null to give up.
 */
export function afterLoss(
  count: LossCount,
  loss: { crashed: boolean; wasReady: boolean; unreachable: boolean },
): { count: LossCount; delayMs: number | null } {
  const losses = count.losses + 1;
  const isUnlikely = loss.crashed || (!loss.wasReady && !loss.unreachable);
  const unlikely = count.unlikely + (isUnlikely ? 1 : 0);
  const givesUp = losses >= mostLosses || unlikely >= mostUnlikely;
  const delayMs = givesUp ? null : losses === 1 ? 0 : Math.min(longestDelayMs, 125 * 2 ** losses);
  return { count: { losses, unlikely }, delayMs };
}
