/** Bytes that live from the call that makes them to the last call that reads them, both included. */
export interface Storage {
  bytes: number;
  first: number;
  last: number;
}

const alignment = 256;

export function align(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/**
 * Offsets for storages such that none that live at the same time overlap: the largest first, each at the lowest free place
 * (greedy by size; Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020).
 */
export function placeInArena(storages: readonly Storage[]): { offsets: number[]; bytes: number } {
  const offsets = new Array<number>(storages.length).fill(0);
  const order = storages.map((storage, index) => ({ storage, index }));
  order.sort((a, b) => b.storage.bytes - a.storage.bytes || a.index - b.index);
  const placed: { storage: Storage; offset: number }[] = [];
  let bytes = 0;
  for (const { storage, index } of order) {
    const rivals = placed.filter((p) => p.storage.first <= storage.last && storage.first <= p.storage.last);
    rivals.sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const rival of rivals) {
      if (offset + storage.bytes <= rival.offset) break;
      offset = Math.max(offset, align(rival.offset + rival.storage.bytes));
    }
    offsets[index] = offset;
    bytes = Math.max(bytes, offset + storage.bytes);
    placed.push({ storage, offset });
  }
  return { offsets, bytes: align(bytes) };
}
