import { type FormEvent, useEffect, useRef, useState } from "react";
import mark from "../design/mark.svg";
import { Button } from "../ui";
import { keepKey, readKey } from "./access";

/** Instead of the page, where the platform answers nobody whom it does not know. */
export function SignIn() {
  const [key, setKey] = useState("");
  const [wasWrong] = useState(() => readKey() !== "");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const kept = (event: FormEvent) => {
    event.preventDefault();
    keepKey(key.trim());
  };
  return (
    <main className="sign-in" id="main">
      <form className="card stack" onSubmit={kept} aria-labelledby="sign-in-title">
        <img src={mark} alt="" width="40" height="40" />
        <h1 id="sign-in-title">Sign in to Reveille</h1>
        {wasWrong && (
          <p className="sign-in-wrong" role="alert">
            The key of this tab is wrong, expired or revoked.
          </p>
        )}
        <label className="labelled">
          <span>API key or token</span>
          <input
            ref={field}
            className="field"
            type="password"
            autoComplete="current-password"
            required
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
        </label>
        <Button type="submit" kind="primary">
          Sign in
        </Button>
        <p className="quiet small">
          It stays in this tab and goes nowhere but to this platform. An administrator issues keys with{" "}
          <code>reveille keys create</code>.
        </p>
      </form>
    </main>
  );
}
