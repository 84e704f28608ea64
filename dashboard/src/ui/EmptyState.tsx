import type { ReactNode } from "react";
import { Command } from "./Command";

interface Props {
  title: string;
  children?: ReactNode;
  /** What to type in a terminal to get something here. */
  command?: string;
}

export function EmptyState({ title, children, command }: Props) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children && <p className="quiet">{children}</p>}
      {command && <Command text={command} />}
    </div>
  );
}
