import { useState } from "react";

interface CopyProps {
  text: string;
  /** What it is a copy of. */
  what: string;
}

export function CopyButton({ text, what }: CopyProps) {
  const [told, setTold] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setTold("copied");
    } catch {
      setTold("not allowed"); // the browser's own word: off HTTPS and loopback there is no clipboard
    }
    setTimeout(() => setTold(""), 1500);
  };
  return (
    <button type="button" className="copy" onClick={copy} aria-label={`copy ${what}`} title={told || `copy ${what}`}>
      <svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">
        {told === "copied" ? (
          <path d="M3 8.5l3.2 3L13 4.5" fill="none" stroke="currentColor" strokeWidth="1.8" />
        ) : (
          <path
            d="M5.5 5.5V2.8h7.7v7.7h-2.7M2.8 5.5h7.7v7.7H2.8z"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.4"
            strokeLinejoin="round"
          />
        )}
      </svg>
      <span role="status" className="unseen">
        {told}
      </span>
    </button>
  );
}

/** The end of a derived or time-ordered id tells it apart, its beginning does not; ids that people chose stand whole. */
export function shortId(id: string): string {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(id) ? `…${id.slice(-8)}` : id;
}

export function CopyId({ id, href, what = "id" }: { id: string; href?: string; what?: string }) {
  const shown = (
    <span className="mono" title={id}>
      {shortId(id)}
    </span>
  );
  return (
    <span className="copy-id">
      {href ? (
        <a href={href} aria-label={`${what} ${id}`}>
          {shown}
        </a>
      ) : (
        shown
      )}
      <CopyButton text={id} what={what} />
    </span>
  );
}
