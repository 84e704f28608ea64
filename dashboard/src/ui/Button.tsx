import type { ButtonHTMLAttributes } from "react";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: "plain" | "primary" | "danger" | "quiet";
}

export function Button({ kind = "plain", className = "", type = "button", ...rest }: Props) {
  return <button type={type} className={`button button-${kind} ${className}`} {...rest} />;
}
