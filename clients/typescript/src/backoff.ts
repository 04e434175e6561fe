// How long to wait before the next try: exponentially longer, capped, and spread at random ("full jitter").

export interface BackoffOptions {
  /** The longest wait before the first try, in milliseconds. */
  readonly first?: number;
  /** The longest wait of all. */
  readonly longest?: number;
  /** How long to wait in all without any sign of life; a computer that sleeps meanwhile loses none of it. */
  readonly patience?: number;
  readonly random?: () => number;
}

export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  readonly #patience: number;
  readonly #random: () => number;
  #waited = 0;
  /** Tries in a row since the last sign of life. */
  attempt = 0;

  constructor(options: BackoffOptions = {}) {
    this.#first = options.first ?? 500;
    this.#longest = options.longest ?? 15_000;
    this.#patience = options.patience ?? 600_000;
    this.#random = options.random ?? Math.random;
  }

  /** Begin anew: there was a sign of life. */
  succeeded(): void {
    this.attempt = 0;
    this.#waited = 0;
  }

  /** Return the milliseconds to wait, no less than the server asked for; undefined when it is time to give up. */
  next(asked = 0): number | undefined {
    const most = Math.min(this.#longest, this.#first * 2 ** Math.min(this.attempt, 30));
    const wait = asked + this.#random() * most;
    if (this.#waited + wait > this.#patience) return undefined;
    this.#waited += wait;
    this.attempt += 1;
    return wait;
  }
}

/** Resolve after *milliseconds*, or at once when *signal* is aborted. */
export function delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done, { once: true });
  });
}
