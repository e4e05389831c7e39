/** Stands for a list that is being read, so that the page does not jump when it is there. */
export function SkeletonRows({ of, count = 4 }: { of: string; count?: number }) {
  return (
    <div className="skeleton" role="status">
      <span className="hidden">Reading {of} …</span>
      {Array.from({ length: count }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all the same
        <div key={row} aria-hidden="true" />
      ))}
    </div>
  );
}
