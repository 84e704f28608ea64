export function Spinner({ label = "loading" }: { label?: string }) {
  return (
    <span className="spinner" role="status">
      <span className="unseen">{label}</span>
    </span>
  );
}

/** Lines where content will stand. */
export function Skeleton({ lines = 3, label = "loading" }: { lines?: number; label?: string }) {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} style={{ width: `${92 - ((index * 23) % 45)}%` }} />
      ))}
    </div>
  );
}
