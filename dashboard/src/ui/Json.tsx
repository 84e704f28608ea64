/** Whatever JSON it is, for people: texts as they are, the rest laid out. */
export function Json({ value, label = "JSON" }: { value: unknown; label?: string }) {
  return (
    <pre className="json" role="group" tabIndex={0} aria-label={label}>
      {typeof value === "string" ? value : JSON.stringify(value, null, 2)}
    </pre>
  );
}
