/** Problem details (RFC 9457), as the platform answers all that it refuses. `status` 0: there was no answer. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance?: string;
  code: string;
  trace_id?: string;
  errors?: { path: string; message: string }[];
}

export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;
  /** Seconds, where the answer said when to come again. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, options: { retryAfter?: number | undefined; cause?: unknown } = {}) {
    super(problem.detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.problem = problem;
    this.retryAfter = options.retryAfter;
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string {
    return this.problem.code;
  }

  /** Nothing was wrong with the request: the same may do later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 503;
  }
}

export async function problemOf(answer: Response): Promise<ProblemError> {
  const seconds = Number(answer.headers.get("retry-after") ?? NaN);
  const retryAfter = Number.isFinite(seconds) ? seconds : undefined;
  const told: unknown = await answer.json().catch(() => null);
  if (isProblem(told)) return new ProblemError({ ...told, status: answer.status }, { retryAfter });
  const title = answer.statusText || `status ${answer.status}`;
  const detail = `the answer was ${answer.status}, and no problem that it explains`;
  return new ProblemError({ type: "about:blank", title, status: answer.status, detail, code: "unexplained" }, { retryAfter });
}

export function unreachable(url: string, cause: unknown): ProblemError {
  const detail = `${url} could not be reached`;
  return new ProblemError({ type: "about:blank", title: "No answer", status: 0, detail, code: "unreachable" }, { cause });
}

function isProblem(told: unknown): told is Problem {
  return typeof told === "object" && told !== null && "detail" in told && "code" in told;
}
