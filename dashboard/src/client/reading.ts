/** One read that is made again whenever what it shows has changed. */
import { ProblemError } from "./problem.ts";

/** At most so often, in milliseconds, and never two at a time, however fast things change. */
const PAUSE = 500;
/** What takes long is read more seldom: all the while between is so many times as long. */
const REST = 5;
const LONGEST_WAIT = 15_000;

export interface Read<T> {
  value: T | undefined;
  /** Of the newest try; `value` is then what was read before. */
  error: unknown;
  loading: boolean;
  /** Milliseconds since 1970: when `value` was read. */
  readAt: number | null;
}

export const UNREAD: Read<never> = { value: undefined, error: null, loading: true, readAt: null };

export class Reading<T> {
  now: Read<T> = UNREAD;
  readonly #fetch: (signal: AbortSignal) => Promise<T>;
  readonly #told: (read: Read<T>) => void;
  #running: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #again = false;
  #begunAt = -Infinity;
  #took = 0;
  #failures = 0;
  #ended = false;

  constructor(fetch: (signal: AbortSignal) => Promise<T>, told: (read: Read<T>) => void) {
    this.#fetch = fetch;
    this.#told = told;
  }

  /** What is there is old: reads again, soon. */
  renew(): void {
    if (this.#ended) return;
    if (this.#running) {
      this.#again = true; // it may have been answered before the change
      return;
    }
    this.#readIn(Math.max(0, this.#begunAt + Math.max(PAUSE, this.#took * REST) - Date.now()));
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#running?.abort();
  }

  #readIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (milliseconds > 0) this.#timer = setTimeout(() => void this.#read(), milliseconds);
    else void this.#read();
  }

  async #read(): Promise<void> {
    clearTimeout(this.#timer);
    this.#begunAt = Date.now();
    this.#again = false;
    this.#running = new AbortController();
    this.#become({ loading: true });
    try {
      const value = await this.#fetch(this.#running.signal);
      this.#failures = 0;
      if (!this.#ended) this.#become({ value, error: null, loading: false, readAt: Date.now() });
    } catch (error) {
      if (!this.#ended) this.#failed(error);
    }
    this.#running = null;
    this.#took = Date.now() - this.#begunAt;
    if (this.#again) this.renew();
  }

  #failed(error: unknown): void {
    this.#become({ error, loading: false });
    if (!(error instanceof ProblemError) || !error.passing) return;
    const wait = error.retryAfter ? error.retryAfter * 1000 : 1000 * 2 ** this.#failures;
    this.#failures += 1;
    this.#readIn(Math.min(LONGEST_WAIT, wait));
  }

  #become(change: Partial<Read<T>>): void {
    this.now = { ...this.now, ...change };
    this.#told(this.now);
  }
}
