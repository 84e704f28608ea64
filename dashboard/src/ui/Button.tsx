import type { ButtonHTMLAttributes } from "react";
import type { Permission } from "../client/types";
import { useRefusal } from "./known";
import { Lock } from "./Locked";
import { useToast } from "./Toast";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: "plain" | "primary" | "danger" | "quiet";
  /** What whoever presses it must be allowed. */
  needs?: Permission;
}

export function Button({ kind = "plain", className = "", type = "button", needs, ...rest }: Props) {
  const refusal = useRefusal(needs);
  const tell = useToast();
  const classes = `button button-${kind} ${className}`;
  if (refusal === null) return <button type={type} className={classes} {...rest} />;
  // Disabled, it could not be asked why: by the keyboard, on a telephone, by those who hear it.
  return (
    <button {...rest} type="button" className={classes} disabled={false} aria-disabled title={refusal} onClick={() => tell(refusal, "warn")}>
      <Lock />
      {rest.children}
    </button>
  );
}
