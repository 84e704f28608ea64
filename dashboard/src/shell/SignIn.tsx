import { type FormEvent, useEffect, useRef, useState } from "react";
import { Api, type Me, ProblemError } from "../client";
import mark from "../design/mark.svg";
import { Button, ErrorBox, OWNER } from "../ui";
import { type Asked, enter, leave } from "./access";

const LOST = "Your key is no longer good: it has expired, or was revoked.";
const WRONG = "This key is wrong, expired or revoked.";
const NO_KEY = "This is no key: it has a space, or a letter that keys never have.";
// What a header can carry, and so what a key or a token is made of.
const KEY = /^[!-~]+$/;

/** Instead of the page, where the platform answers nobody whom it does not know. */
export function SignIn({ asked }: { asked: Asked }) {
  const [key, setKey] = useState("");
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<unknown>(asked === "lost" ? LOST : null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "Sign in · Reveille";
    field.current?.focus();
  }, []);
  const shown = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setTold(null);
    const refusal = await refusalOf(key.trim());
    if (refusal === null) {
      enter(key.trim());
      return;
    }
    setTold(refusal);
    setBusy(false);
    field.current?.select();
  };
  return (
    <main className="entry" id="main">
      <form className="card stack sign-in" onSubmit={shown} aria-labelledby="sign-in-title">
        <img src={mark} alt="" width="40" height="40" />
        <h1 id="sign-in-title">Sign in to Reveille</h1>
        {typeof told === "string" && (
          <p className="sign-in-wrong" role="alert">
            {told}
          </p>
        )}
        {told !== null && typeof told !== "string" && <ErrorBox error={told} what="It cannot be known now" />}
        <label className="labelled">
          <span>API key or token</span>
          <input
            ref={field}
            className="field"
            type="password"
            autoComplete="current-password"
            placeholder="rvl_…"
            required
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
        </label>
        <Button type="submit" kind="primary" disabled={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </Button>
        {asked === "wished" && <Button onClick={leave}>Go on without a key</Button>}
        <p className="quiet small">
          It stays in this tab and goes nowhere but to this platform. An administrator issues one:
          <code className="sign-in-how">reveille keys create NAME --role viewer</code>
        </p>
      </form>
    </main>
  );
}

/** null: one may come in with it. A string: what is wrong with it; an error: that cannot be said now. */
async function refusalOf(key: string): Promise<unknown> {
  if (!KEY.test(key)) return NO_KEY;
  try {
    const { name, permissions } = await new Api({ token: () => key }).get<Me>("/api/v1/me");
    // Where nobody is asked, what is no key is not looked at.
    if (name === OWNER) return WRONG;
    if (permissions.includes("read")) return null;
    return `${name} may not look at anything: the page is for the roles viewer, operator, approver and admin.`;
  } catch (error) {
    return error instanceof ProblemError && error.status === 401 ? WRONG : error;
  }
}
