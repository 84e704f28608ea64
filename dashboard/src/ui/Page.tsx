import { type ReactNode, useEffect } from "react";
import { headingCame } from "./heading";

interface Props {
  title: string;
  /** Beside the title: how many, which one. */
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** One view: its heading, what can be done, and its content. */
export function Page({ title, about, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Reveille`;
  }, [title]);
  useEffect(headingCame, []);
  return (
    <div className="view">
      <header className="view-head">
        <div className="row wrap">
          <h1 tabIndex={-1}>{title}</h1>
          {about && <span className="quiet">{about}</span>}
        </div>
        {actions && <div className="row wrap">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
