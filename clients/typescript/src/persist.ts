// Reading again and again until there is nothing more: what to do when a connection ends, whatever the reason.
import { Attempt } from "./attempt.js";
import { Backoff, type BackoffOptions, delay } from "./backoff.js";
import type { ConnectionState } from "./connection.js";
import { connectionError, INTERRUPTED, Interrupted, LevadaError, passes } from "./errors.js";
import { Blocked } from "./transport/arrival.js";
import { isHidden, onComeback, onVisibility, seen } from "./visibility.js";

/** One way of reading: from where the reader is now, until the connection ends. */
export interface Way<Arrived> {
  readonly kind: "open" | "polling";
  read(signal: AbortSignal): AsyncIterable<Arrived>;
}

export interface PersistOptions {
  readonly signal: AbortSignal;
  readonly onConnection: (state: ConnectionState) => void;
  readonly pauseWhenHidden?: boolean;
  readonly backoff?: BackoffOptions;
  /** Called with a function that ends a wait at once. */
  readonly onWaiting?: (goOn: () => void) => void;
  /** Milliseconds after which a way that others had taken is tried again. */
  readonly returnAfter?: number;
}

// Tries of a way that never worked, or that is taken by others, before the next one is taken.
const TRIES = 3;
const RETURN = 30_000;

/**
 * Yield what arrives, over however many connections and ways that takes, until one says that it is over. Raises
 * LevadaError when trying again is no use, Interrupted when it was tried for too long.
 */
export async function* persist<Arrived extends { readonly kind: string }>(
  ways: readonly Way<Arrived>[],
  options: PersistOptions,
): AsyncGenerator<Arrived> {
  const { signal, onConnection } = options;
  const backoff = new Backoff(options.backoff);
  const trying = new Trying(ways, options.returnAfter ?? RETURN);
  onConnection({ kind: "connecting" });
  for (;;) {
    const connection = new Connection(signal, options.pauseWhenHidden ?? false);
    try {
      connection.signal.throwIfAborted();
      for await (const arrival of trying.begin().read(connection.signal)) {
        if (trying.succeeded(arrival)) {
          backoff.succeeded();
          onConnection({ kind: trying.way.kind });
        }
        yield arrival;
        if (arrival.kind === "over") return;
        if (trying.due()) break;
      }
      signal.throwIfAborted();
      if (trying.returned()) continue;
      trying.failed(cut());
    } catch (error) {
      signal.throwIfAborted();
      if (!connection.hidden) trying.failed(error);
    } finally {
      connection.close();
    }
    if (connection.hidden) await rested(options);
    else if (!trying.switched()) await waited(trying.error, backoff, options);
    signal.throwIfAborted();
  }
}

/** Which way is tried, and how that went. */
class Trying<Arrived extends { readonly kind: string }> {
  error: LevadaError = cut();
  readonly #ways: readonly Way<Arrived>[];
  #index = 0;
  #worked = false;
  #standing = false;
  #failures = 0;
  readonly #returnAfter: number;
  // When a way was left to others that had taken it.
  #leftAt: number | undefined;

  constructor(ways: readonly Way<Arrived>[], returnAfter: number) {
    this.#ways = ways;
    this.#returnAfter = returnAfter;
  }

  get way(): Way<Arrived> {
    const way = this.#ways[this.#index];
    if (!way) throw new TypeError("There is no way to read.");
    return way;
  }

  /** Return the way to read, of which nothing was heard yet. */
  begin(): Way<Arrived> {
    this.#standing = false;
    return this.way;
  }

  /** Note a sign of life; return whether it is the connection's first. */
  succeeded(arrival: Arrived): boolean {
    if (this.#standing || arrival.kind === "connection") return false;
    this.#failures = 0;
    this.#worked = this.#standing = true;
    return true;
  }

  /** Note how the connection ended. Raises what is no use to try again. */
  failed(error: unknown): void {
    this.error = connectionError(error);
    this.#failures += 1;
    if (!this.#again(this.error)) throw this.error;
  }

  /** Take the next way, if there is one and this one is blocked; return whether it was taken. */
  switched(): boolean {
    const { status } = this.error;
    // Pages are no streams: where as many of those are open as may be, they still come.
    const tried = this.#failures >= TRIES;
    const given = tried && (status === 429 || (status === 0 && !this.#worked));
    // A stream that came through before may just have been slow to begin, once.
    const blocked = this.error instanceof Blocked && (tried || status !== 0 || !this.#worked);
    if (this.#index + 1 >= this.#ways.length || !(given || blocked)) return false;
    this.#index += 1;
    this.#failures = 0;
    this.#leftAt = status === 429 ? Date.now() : undefined;
    return true;
  }

  /** Whether it is time to see if the way that others had taken is free. */
  due(): boolean {
    return this.#leftAt !== undefined && Date.now() - this.#leftAt >= this.#returnAfter;
  }

  /** Go back to the way that others had taken, if it is time to; once it is refused, it is left again. */
  returned(): boolean {
    if (!this.due()) return false;
    this.#index -= 1;
    this.#failures = TRIES - 1;
    this.#leftAt = undefined;
    return true;
  }

  // What cut a stream that ran says nothing of the run: an error inside the server, or another network's own answer.
  #again(error: LevadaError): boolean {
    if (error instanceof Interrupted) return false; // whoever reads for this tab had patience enough
    if (passes(error) || error instanceof Blocked) return true;
    return this.#worked && (error.status >= 500 || error.status < 300);
  }
}

/** One connection, which is also left when the page is hidden and is not to be read then. */
class Connection extends Attempt {
  hidden = false;

  constructor(outer: AbortSignal, pauseWhenHidden: boolean) {
    super(outer);
    if (!pauseWhenHidden) return;
    onVisibility(() => this.#look(), this.signal);
    this.#look();
  }

  #look(): void {
    if (!isHidden()) return;
    this.hidden = true;
    this.abort();
  }
}

async function rested({ signal, onConnection }: PersistOptions): Promise<void> {
  onConnection({ kind: "paused" });
  await seen(signal);
  onConnection({ kind: "connecting" });
}

async function waited(why: LevadaError, backoff: Backoff, options: PersistOptions): Promise<void> {
  const wait = backoff.next(why.retryAfter);
  if (wait === undefined) {
    const detail = `The connection was lost and could not be taken up again: ${why.detail}`;
    throw new Interrupted({ status: why.status, reason: INTERRUPTED, detail }, { cause: why });
  }
  options.onConnection({ kind: "retrying", at: Date.now() + wait, attempt: backoff.attempt, why });
  const over = new AbortController();
  const goOn = () => over.abort();
  options.signal.addEventListener("abort", goOn, { signal: over.signal });
  options.onWaiting?.(goOn);
  onComeback(goOn, over.signal);
  await delay(wait, over.signal);
  goOn();
  options.onConnection({ kind: "connecting" });
}

function cut(): LevadaError {
  return new LevadaError({ detail: "The connection ended before the run did." });
}
