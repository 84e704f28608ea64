import { useEffect, useState } from "react";
import { useConnection, useSocket } from "../client/react";
import { Button, spanOf, type Tone, useNow } from "../ui";

const WORDS: Record<string, [string, Tone]> = {
  open: ["live", "ok"],
  connecting: ["connecting", "info"],
  waiting: ["disconnected", "bad"],
  closed: ["closed", "idle"],
};

/** Whether what the page shows is what is so, in one word; said aloud when it changes. */
export function ConnectionState() {
  const { name } = useConnection();
  const [word, tone] = WORDS[name] ?? ["unknown", "idle"];
  return (
    <span className={`badge tone-${tone}`} data-connection={name}>
      <i className={`dot dot-${tone}`} aria-hidden="true" />
      <span aria-live="polite">{word}</span>
    </span>
  );
}

/** A moment without a socket is nothing to be told of. */
const QUIET_MS = 1000;

/** What stands here is old, how old, and when it is tried again. */
export function DisconnectedBanner() {
  const { name, heardAt, retryAt } = useConnection();
  const socket = useSocket();
  const now = useNow();
  const [lostAt, setLostAt] = useState<number | null>(null);
  const lost = name !== "open";
  useEffect(() => setLostAt(lost ? Date.now() : null), [lost]);
  if (!lost || lostAt === null || now - lostAt < QUIET_MS) return null;
  const age = heardAt === null ? "Nothing live has come yet." : `What you see is ${spanOf(now - heardAt)} old.`;
  return (
    <div className="banner" role="status">
      <span>
        <strong>No connection to the platform.</strong> {age}{" "}
        {retryAt !== null && retryAt > now ? `Trying again in ${spanOf(retryAt - now + 1000)}.` : "Trying again now."}
      </span>
      <Button onClick={() => socket.retryNow()}>Try now</Button>
    </div>
  );
}
