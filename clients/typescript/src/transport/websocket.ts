// A run's events over a WebSocket that several runs share.
import { Attempt } from "../attempt.js";
import { connectionError, INTERRUPTED, Interrupted, LevadaError } from "../errors.js";
import type { Http } from "../http.js";
import type { EventJson } from "../levada/v1/event_pb.js";
import { checked, type Message, Wire, type WireOptions } from "../wire.js";
import type { Arrival, Transport } from "./arrival.js";

export interface LineOptions extends WireOptions {
  /** Makes a token for each connection; if left out, the gateway is asked for one. */
  readonly token?: (() => Promise<string>) | undefined;
  /** The WebSocket to use where the platform has none. */
  readonly webSocket?: new (
    url: string,
    protocols: string[],
  ) => WebSocket;
}

// Milliseconds until a connection that was not opened has failed.
const OPENING = 30_000;

/** The connection to one gateway: opened when it is needed, and again when it broke. */
export class Line {
  readonly #http: Http;
  readonly #options: LineOptions;
  #wire: Promise<Wire> | undefined;

  constructor(http: Http, options: LineOptions) {
    if (!options.webSocket && typeof WebSocket === "undefined") {
      throw new TypeError("There is no WebSocket here: give one as `webSocket`, for instance that of the package ws.");
    }
    this.#http = http;
    this.#options = options;
  }

  /** Return the connection that stands, or another, opened once for all who need it. Raises LevadaError. */
  async connected(): Promise<Wire> {
    const known = this.#wire;
    const wire = known && (await this.#opened(known));
    if (wire && !wire.broken) return wire;
    if (this.#wire === known) this.#wire = this.#open();
    return this.#wire ? this.#opened(this.#wire) : this.connected();
  }

  close(): void {
    this.#wire?.then((wire) => wire.close()).catch(() => undefined);
  }

  async #opened(opening: Promise<Wire>): Promise<Wire> {
    try {
      return await opening;
    } catch (error) {
      if (this.#wire === opening) this.#wire = undefined; // the next one who needs it tries again
      throw connectionError(error);
    }
  }

  async #open(): Promise<Wire> {
    const token = await (this.#options.token ?? (() => this.#issued()))();
    const url = new URL(this.#http.url("/v1/ws"), globalThis.location?.href);
    url.protocol = url.protocol.replace("http", "ws");
    const Socket = this.#options.webSocket ?? WebSocket;
    // Not in the address, which others on the way may write down.
    const socket = new Socket(url.href, ["levada", `bearer.${token}`]);
    const attempt = new Attempt(undefined);
    attempt.limit(OPENING, unopened());
    try {
      await new Promise<void>((resolve, reject) => {
        socket.addEventListener("open", () => resolve());
        socket.addEventListener("error", () => reject(unopened()));
        socket.addEventListener("close", () => reject(unopened()));
        attempt.signal.addEventListener("abort", () => reject(attempt.signal.reason));
      });
    } catch (error) {
      socket.close();
      throw error;
    } finally {
      attempt.close();
    }
    return new Wire(socket, this.#options);
  }

  async #issued(): Promise<string> {
    return (await this.#http.json<{ token: string }>("/v1/tokens", { method: "POST", body: {} })).token;
  }
}

/** Reads one run over a line; *ask* says how it is asked for. Gives up after so many failures in a row. */
export class WebSocketTransport implements Transport {
  readonly kind = "open";
  readonly #line: Line;
  readonly #ask: (runId: string) => { readonly kind: string; readonly members: object };
  readonly #most: number;
  readonly #hear: (message: Message) => void;
  #failures = 0;

  constructor(
    line: Line,
    reconnects: number,
    ask: (runId: string) => { readonly kind: string; readonly members: object },
    hear: (message: Message) => void = () => undefined,
  ) {
    this.#line = line;
    this.#most = reconnects;
    this.#ask = ask;
    this.#hear = hear;
  }

  async *read(runId: string, after: number, signal: AbortSignal): AsyncGenerator<Arrival> {
    let last = after;
    try {
      for (;;) {
        for await (const arrival of this.#once(runId, last, signal)) {
          this.#failures = 0;
          if (arrival.kind === "events") last = Number(arrival.events.at(-1)?.sequence ?? last);
          yield arrival;
          if (arrival.kind === "over") return;
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      throw this.#failed(error);
    }
  }

  // Ends early when the reader was so slow that the rest is to be asked for again.
  async *#once(runId: string, after: number, signal: AbortSignal): AsyncGenerator<Arrival> {
    const wire = await this.#line.connected();
    const { kind, members } = this.#ask(runId);
    const { id, inbox } = wire.ask(kind, { ...members, after: String(after) }, signal);
    let over = false;
    try {
      for (let messages = await inbox.take(); messages.length; messages = await inbox.take()) {
        for (const message of messages) this.#hear(checked(message));
        over = messages.some(({ type }) => type === "end");
        yield* arrivals(messages);
      }
    } finally {
      wire.forget(id);
      if (!over && !inbox.full) wire.say({ type: "unwatch", id });
    }
  }

  #failed(error: unknown): unknown {
    if (!(error instanceof LevadaError) || error.status !== 0) return error;
    this.#failures += 1;
    if (this.#failures <= this.#most) return error;
    const detail = `The connection was lost and could not be taken up again: ${error.detail}`;
    return new Interrupted({ reason: INTERRUPTED, detail }, { cause: error });
  }
}

function* arrivals(messages: readonly Message[]): Generator<Arrival> {
  let events: EventJson[] = [];
  for (const message of messages) {
    if (message.type === "event") {
      events.push(message.data as EventJson);
      continue;
    }
    if (events.length) yield { kind: "events", events };
    events = [];
    if (message.type === "gap") yield { kind: "gap", oldest: Number(message.oldestSequence) };
    else yield { kind: message.type === "end" ? "over" : "alive" };
  }
  if (events.length) yield { kind: "events", events };
}

function unopened(): LevadaError {
  return new LevadaError({ detail: "The WebSocket to the gateway could not be opened." });
}
