import type { ReactNode } from "react";

interface Props {
  title?: ReactNode;
  actions?: ReactNode;
  /** For screen readers, where there is no title to take. */
  label?: string;
  className?: string;
  children?: ReactNode;
}

export function Card({ title, actions, label, className = "", children }: Props) {
  return (
    <section className={`card ${className}`} aria-label={label ?? (typeof title === "string" ? title : undefined)}>
      {(title || actions) && (
        <header className="card-head">
          {typeof title === "string" ? <h2>{title}</h2> : title}
          {actions && <div className="row">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}
