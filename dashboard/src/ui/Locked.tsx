import type { Permission } from "../client/types";
import { useRefusal } from "./known";

/** Stands where a form would, and says why it is not there; nothing to those who may use it. */
export function Locked({ needs }: { needs: Permission }) {
  const refusal = useRefusal(needs);
  if (refusal === null) return null;
  return (
    <p className="locked small quiet">
      <Lock />
      {refusal}
    </p>
  );
}

export function Lock() {
  return (
    <svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true" className="icon">
      <path d="M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5" strokeWidth="1.4" />
    </svg>
  );
}
