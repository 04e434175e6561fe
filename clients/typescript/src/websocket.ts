// The client over a WebSocket: asking, watching and steering several runs over one connection.
import type { Answer, WatchOptions } from "./api.js";
import type { BackoffOptions } from "./backoff.js";
import { Http } from "./http.js";
import type { EventJson } from "./levada/v1/event_pb.js";
import type { RunJson, RunRequestJson } from "./levada/v1/run_pb.js";
import { Line, type LineOptions, WebSocketTransport } from "./transport/websocket.js";
import { watch } from "./watch.js";
import { checked, type Message } from "./wire.js";

export interface SocketOptions extends LineOptions {
  /** Where the gateway is. If left out, where the page came from. */
  readonly baseUrl?: string;
  readonly fetch?: typeof fetch;
  /** How often in a row it is tried to connect again; 5 if left out. */
  readonly reconnects?: number;
  /** How long to wait before each of them. */
  readonly backoff?: BackoffOptions;
}

/** A question that was asked: its events, and the run that answers it. */
export interface Asked extends AsyncIterableIterator<EventJson> {
  /** Settles once the run is made, which it is when its events are read first. Rejects when it is refused. */
  readonly run: Promise<RunJson>;
}

export type SocketWatchOptions = Omit<WatchOptions, "pauseWhenHidden">;

const RECONNECTS = 5;
const ANSWER = 45_000;

/** Runs over one WebSocket, opened when something is asked for first. */
export class WebSocketClient {
  readonly #line: Line;
  readonly #options: SocketOptions;
  readonly #over = new AbortController();

  constructor(options: SocketOptions = {}) {
    this.#options = options;
    const { baseUrl = "", fetch: own } = options;
    this.#line = new Line(new Http({ baseUrl, ...(own ? { fetch: own } : {}) }), options);
  }

  /** Ask, and watch the run: each event once and in order, up to the terminal one. Throws LevadaError. */
  ask(ask: string | RunRequestJson, options: SocketWatchOptions = {}): Asked {
    const request: RunRequestJson = typeof ask === "string" ? { question: ask } : ask;
    // What was asked as the connection broke is asked again, by the same id: that gives the same run.
    const members = { request: { ...request, requestId: request.requestId ?? randomKey() } };
    let made: (run: RunJson) => void = () => undefined;
    let failed: (error: unknown) => void = () => undefined;
    const run = new Promise<RunJson>((resolve, reject) => {
      made = resolve;
      failed = reject;
    });
    run.catch(() => undefined); // who only reads the events is told there
    const hear = (message: Message) => {
      if (message.type === "created") made(message.run as RunJson);
    };
    const events = this.#events("", options, () => ({ kind: "run", members }), hear, failed);
    return Object.assign(events, { run });
  }

  /** The run's events after a number, live or past. Throws LevadaError. */
  watch(runId: string, options: SocketWatchOptions = {}): AsyncIterableIterator<EventJson> {
    return this.#events(runId, options, (id) => ({ kind: "watch", members: { runId: id } }));
  }

  cancel(runId: string, cause?: string): Promise<RunJson> {
    return this.#steer("cancel", { runId, cause });
  }

  pause(runId: string): Promise<RunJson> {
    return this.#steer("pause", { runId });
  }

  resume(runId: string): Promise<RunJson> {
    return this.#steer("resume", { runId });
  }

  respond(runId: string, { inputId, decision, text }: Answer): Promise<RunJson> {
    const answer = { inputId, text, decision: decision && `DECISION_${decision.toUpperCase()}` };
    return this.#steer("respond", { runId, answer });
  }

  /** Close the connection and end every watch. */
  close(): void {
    this.#over.abort();
    this.#line.close();
  }

  async *#events(
    runId: string,
    options: SocketWatchOptions,
    ask: (runId: string) => { readonly kind: string; readonly members: object },
    hear?: (message: Message) => void,
    failed?: (error: unknown) => void,
  ): AsyncGenerator<EventJson> {
    const { signal, after, onConnection } = options;
    const transport = new WebSocketTransport(this.#line, this.#options.reconnects ?? RECONNECTS, ask, hear);
    const until = signal ? AbortSignal.any([signal, this.#over.signal]) : this.#over.signal;
    const watching = {
      runId,
      signal: until,
      ...(after === undefined ? {} : { after }),
      ...(onConnection ? { onConnection } : {}),
      ...(this.#options.backoff ? { backoff: this.#options.backoff } : {}),
    };
    try {
      for await (const events of watch([transport], watching)) yield* events;
    } catch (error) {
      failed?.(error);
      throw error;
    }
  }

  async #steer(kind: string, members: object): Promise<RunJson> {
    const wire = await this.#line.connected();
    const { id, inbox } = wire.ask(kind, members, AbortSignal.any([this.#over.signal, AbortSignal.timeout(ANSWER)]));
    try {
      const [answer] = await inbox.take();
      return answer ? (checked(answer).run as RunJson) : {};
    } finally {
      wire.forget(id);
    }
  }
}

// crypto.randomUUID is missing on pages without TLS.
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
