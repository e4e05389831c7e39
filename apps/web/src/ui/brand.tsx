export function Brand() {
  return (
    <>
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <path d="M2.5 2v12M8 2v12M13.5 2v12M2.5 14h11" stroke="currentColor" strokeWidth="2" fill="none" />
      </svg>
      Lockstep
    </>
  );
}
