import { useMemo } from "react";
import { bodyOf, partsOf } from "./script";

interface Props {
  title: string;
  logline: string;
  text: string;
}

export function Screenplay({ title, logline, text }: Props) {
  const parts = useMemo(() => bodyOf(partsOf(text), title, logline), [text, title, logline]);
  return (
    <article className="ex-script" tabIndex={0} aria-label={title || "scene"}>
      {title && <h3>{title}</h3>}
      {logline && <p className="ex-logline">{logline}</p>}
      {parts.map((part, place) =>
        part.kind === "heading" ? (
          <h4 key={place}>{part.text}</h4>
        ) : (
          <p key={place} className={`script-${part.kind}`}>
            {part.text}
          </p>
        ),
      )}
    </article>
  );
}
