import { CopyButton } from "./CopyId";

/** Something to type in a terminal, and a button that copies it. */
export function Command({ text }: { text: string }) {
  return (
    <div className="command">
      <pre role="group" tabIndex={0} aria-label="command">
        {text}
      </pre>
      <CopyButton text={text} what="command" />
    </div>
  );
}
