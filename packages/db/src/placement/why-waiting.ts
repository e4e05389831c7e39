/** What placement found; enough to say why a run waits. */
export interface Shortage {
  readonly minimumWorkers: number;
  readonly threads: number;
  readonly isa: string;
  /** Nodes of the organisation that are not retired. */
  readonly nodes: number;
  readonly unreachable: number;
  readonly draining: number;
  readonly withoutIsa: number;
  readonly otherClass: number;
  readonly freeCpus: number;
  /** Workers that would fit now. */
  readonly fitting: number;
  readonly fittingIfEmpty: number;
}

/** The answer to "why is it waiting?". */
export function whyWaiting(shortage: Shortage): string {
  const { minimumWorkers, threads, isa, nodes } = shortage;
  const need = `${count(minimumWorkers, 'worker')} with ${count(threads, 'core')}${minimumWorkers > 1 ? ' each' : ''}`;
  if (nodes === 0) return `Waiting for ${need}: there are no nodes yet. Start an agent or add nodes to a pool.`;
  const excluded = [
    part(shortage.unreachable, 'unreachable'),
    part(shortage.draining, 'draining'),
    part(shortage.withoutIsa, `without ${isa}`),
    part(shortage.otherClass, 'of another numeric class than the run began with'),
  ].filter((text) => text !== null);
  const usable = nodes - shortage.unreachable - shortage.draining - shortage.withoutIsa - shortage.otherClass;
  const others = excluded.length === 0 ? '' : ` (${excluded.join(', ')})`;
  if (usable === 0) return `Waiting for ${need}: none of ${count(nodes, 'node')} can be used${others}.`;
  if (shortage.fittingIfEmpty < minimumWorkers)
    return `Waiting for ${need}: the ${count(usable, 'usable node')} would not hold them even when empty${others}. Add nodes, or use fewer workers or threads.`;
  return (
    `Waiting for ${need}: ${count(shortage.freeCpus, 'core')} free on ${count(usable, 'usable node')}${others}, ` +
    `enough for ${count(shortage.fitting, 'worker')} now. It starts when other runs give cores back.`
  );
}

function part(nodes: number, what: string): string | null {
  return nodes === 0 ? null : `${nodes} ${what}`;
}

function count(value: number, noun: string): string {
  return `${value} ${noun}${value === 1 ? '' : 's'}`;
}
