import { type Problem, ProblemError, problemOf, unreachable } from "./problem.ts";

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface ApiOptions {
  /** Where the platform is: "http://127.0.0.1:3004"; "" is the page's own origin. */
  base?: string;
  /** The bearer token, where the platform wants one: an API key, or a token of an issuer that it trusts. */
  token?: () => string | null | undefined;
  /** Told of each 401, and which token it was for; "": none was shown. */
  onRefused?: (token: string) => void;
  fetch?: typeof fetch;
}

export interface Ask {
  query?: Query;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Statuses beside 2xx that are an answer and no refusal: /readyz tells why it is not ready with 503. */
  take?: readonly number[];
}

export interface Answer<T> {
  body: T;
  etag: string | null;
  status: number;
}

/** The REST API. Whatever is refused raises a ProblemError; an abort raises what fetch raises. */
export class Api {
  readonly base: string;
  readonly #token: NonNullable<ApiOptions["token"]>;
  readonly #refused: NonNullable<ApiOptions["onRefused"]>;
  readonly #fetch: typeof fetch;

  constructor(options: ApiOptions = {}) {
    this.base = (options.base ?? "").replace(/\/+$/, "");
    this.#token = options.token ?? (() => null);
    this.#refused = options.onRefused ?? (() => undefined);
    this.#fetch = options.fetch ?? ((...args) => fetch(...args));
  }

  async get<T>(path: string, ask: Ask = {}): Promise<T> {
    return (await this.ask<T>("GET", path, undefined, ask)).body;
  }

  async post<T>(path: string, body?: unknown, ask: Ask = {}): Promise<T> {
    return (await this.ask<T>("POST", path, body, ask)).body;
  }

  async patch<T>(path: string, body: unknown, ask: Ask = {}): Promise<T> {
    return (await this.ask<T>("PATCH", path, body, ask)).body;
  }

  async delete<T>(path: string, ask: Ask = {}): Promise<T> {
    return (await this.ask<T>("DELETE", path, undefined, ask)).body;
  }

  /** With its ETag, for those who write with If-Match. */
  async ask<T>(method: string, path: string, body?: unknown, asked: Ask = {}): Promise<Answer<T>> {
    const { query = {}, headers = {}, signal, take = [] } = asked;
    const url = `${this.base}${path}${queryOf(query, path.includes("?"))}`;
    const sent: Record<string, string> = { accept: "application/json", ...headers };
    const token = this.#token();
    if (token) sent["authorization"] = `Bearer ${token}`;
    const request: RequestInit = { method, headers: sent };
    if (signal) request.signal = signal;
    if (body !== undefined) {
      sent["content-type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    let answer: Response;
    try {
      answer = await this.#fetch(url, request);
    } catch (error) {
      if (signal?.aborted) throw error;
      throw unreachable(url, error);
    }
    if (answer.status === 401) this.#refused(token ?? "");
    if (!answer.ok && !take.includes(answer.status)) throw await problemOf(answer);
    return { body: await bodyOf<T>(answer, url), etag: answer.headers.get("etag"), status: answer.status };
  }
}

async function bodyOf<T>(answer: Response, url: string): Promise<T> {
  try {
    return (await answer.json()) as T;
  } catch (error) {
    const problem: Problem = {
      type: "about:blank",
      title: "Not understood",
      status: answer.status,
      detail: `${url} answered something that is no JSON`,
      code: "no_json",
    };
    throw new ProblemError(problem, { cause: error });
  }
}

/** What is undefined, null or "" is left out. */
function queryOf(query: Query, begun: boolean): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") given.set(name, String(value));
  }
  const text = given.toString();
  return text ? `${begun ? "&" : "?"}${text}` : "";
}
