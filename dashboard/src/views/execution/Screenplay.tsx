import { useMemo } from "react";
import { partsOf } from "./script";

interface Props {
  title: string;
  logline: string;
  text: string;
}

export function Screenplay({ title, logline, text }: Props) {
  const parts = useMemo(() => partsOf(text), [text]);
  return (
    <article className="ex-script" aria-label={title || "scene"}>
      {title && <h3>{title}</h3>}
      {logline && <p className="ex-logline">{logline}</p>}
      {parts.map((part, place) =>
        part.kind === "heading" ? <h4 key={place}>{part.text}</h4> : (
          <p key={place} className={`script-${part.kind}`}>
            {part.text}
          </p>
        ),
      )}
    </article>
  );
}
