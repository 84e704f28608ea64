import { ProblemError } from "../client/problem";
import { Button } from "./Button";

interface Props {
  error: unknown;
  /** What could not be done: "the agents could not be read". */
  what?: string;
  onRetry?: () => void;
}

export function ErrorBox({ error, what, onRetry }: Props) {
  const problem = error instanceof ProblemError ? error.problem : null;
  return (
    <div className="error-box" role="alert">
      <div>
        <strong>{what ?? problem?.title ?? "This failed"}</strong>
        <p>{error instanceof Error ? error.message : String(error)}</p>
        {problem?.errors && (
          <ul>
            {problem.errors.map((one) => (
              <li key={one.path + one.message}>
                <code>{one.path}</code> {one.message}
              </li>
            ))}
          </ul>
        )}
        {problem && problem.status > 0 && (
          <p className="small quiet">
            {problem.status} <code>{problem.code}</code>
            {problem.trace_id && (
              <>
                , trace <code>{problem.trace_id}</code>
              </>
            )}
          </p>
        )}
      </div>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}
