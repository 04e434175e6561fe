// A run's events, each once and in order, over however many connections that takes.
import type { BackoffOptions } from "./backoff.js";
import type { ConnectionState } from "./connection.js";
import { LevadaError } from "./errors.js";
import type { EventJson } from "./levada/v1/event_pb.js";
import { isTerminal } from "./payloads.js";
import { persist, type Way } from "./persist.js";
import { type Arrival, oldestHeld, type Transport } from "./transport/arrival.js";

export interface Watching {
  readonly runId: string;
  readonly after?: number;
  readonly signal: AbortSignal;
  readonly onConnection?: (state: ConnectionState) => void;
  readonly onWaiting?: (goOn: () => void) => void;
  readonly pauseWhenHidden?: boolean;
  readonly backoff?: BackoffOptions;
  /** Milliseconds after which streams are tried again where there were too many. */
  readonly returnAfter?: number;
}

/**
 * Yield the run's events that come together, up to the terminal one. Numbers that are missing between two of them are
 * no longer held by the server.
 */
export async function* watch(
  transports: readonly Transport[],
  watching: Watching,
): AsyncGenerator<readonly EventJson[]> {
  const { runId, onConnection = () => undefined } = watching;
  const cursor = new Cursor(watching.after ?? 0);
  const ways = transports.map(
    (transport): Way<Arrival> => ({
      kind: transport.kind,
      read: (signal) => cursor.follow(transport.read(runId, cursor.last, signal)),
    }),
  );
  const passOn = (state: ConnectionState) => onConnection(state);
  try {
    for await (const arrival of persist(ways, { ...watching, onConnection: passOn })) {
      if (arrival.kind === "connection") {
        passOn(arrival.state);
        watching.onWaiting?.(() => {
          for (const transport of transports) transport.hurry?.();
        });
      }
      if (arrival.kind === "events" && arrival.events.length) yield arrival.events;
    }
    onConnection({ kind: "closed" });
  } catch (error) {
    onConnection(error instanceof LevadaError ? { kind: "closed", error } : { kind: "closed" });
    throw error;
  }
}

/** How far a reader is. */
class Cursor {
  last: number;

  constructor(after: number) {
    this.last = after;
  }

  /** Yield what is new of *arrivals*, and that it is over after the terminal event. */
  async *follow(arrivals: AsyncIterable<Arrival>): AsyncGenerator<Arrival> {
    try {
      for await (const arrival of arrivals) {
        if (arrival.kind === "gap") this.last = Math.max(this.last, arrival.oldest - 1);
        if (arrival.kind !== "events") {
          yield arrival;
          continue;
        }
        const events = this.#next(arrival.events);
        yield { kind: "events", events };
        const end = events.at(-1);
        if (end && isTerminal(end)) yield { kind: "over" };
        // Raised after those before were told: they are taken for told.
        if (Number(arrival.events.at(-1)?.sequence) > this.last) throw leftOut(this.last);
      }
    } catch (error) {
      const oldest = oldestHeld(error);
      if (oldest === undefined || oldest <= this.last + 1) throw error;
      this.last = oldest - 1;
    }
  }

  // Those that are new, as far as none is missing before them.
  #next(events: readonly EventJson[]): EventJson[] {
    const next: EventJson[] = [];
    for (const event of events) {
      const sequence = Number(event.sequence);
      if (sequence > this.last + 1) break;
      if (sequence <= this.last) continue;
      this.last = sequence;
      next.push(event);
    }
    return next;
  }
}

function leftOut(last: number): LevadaError {
  return new LevadaError({ detail: `The stream left out events after number ${last}.` });
}
