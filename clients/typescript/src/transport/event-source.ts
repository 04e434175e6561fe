// A run's events over the browser's EventSource, which sends cookies but no token.
import { LevadaError } from "../errors.js";
import type { Http } from "../http.js";
import type { EventJson } from "../levada/v1/event_pb.js";
import { EVENT_NAMES } from "../payloads.js";
import { Queue } from "../queue.js";
import { type Arrival, pathOf, type Transport } from "./arrival.js";
import { arrivals } from "./fetch.js";
import type { PollingTransport } from "./polling.js";

export class EventSourceTransport implements Transport {
  readonly kind = "open";
  readonly #http: Http;
  readonly #pages: PollingTransport;

  constructor(http: Http, pages: PollingTransport) {
    this.#http = http;
    this.#pages = pages;
  }

  async *read(runId: string, after: number, signal: AbortSignal): AsyncGenerator<Arrival> {
    const queue = new Queue<Arrival>();
    const source = new EventSource(this.#http.url(`${pathOf(runId)}?after=${after}`));
    const leave = () => queue.fail(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    listen(source, queue);
    let last = after;
    try {
      for await (const arrival of queue) {
        yield* this.#missed(runId, last, arrival, signal);
        yield arrival;
        last = lastOf(arrival) ?? last;
      }
    } catch (error) {
      signal.throwIfAborted();
      // EventSource does not tell why it stopped. A page of the same events fails for the same reason, or says it.
      const page = await this.#pages.page(runId, last, 0, signal);
      if (typeof page === "number") yield { kind: "gap", oldest: page };
      else if (page.ended && !page.events?.length) yield { kind: "over" };
      throw error;
    } finally {
      source.close();
      signal.removeEventListener("abort", leave);
    }
  }

  // Events are heard by their names only, so one whose name is not known here is missed: it is read from a page.
  async *#missed(runId: string, after: number, arrival: Arrival, signal: AbortSignal): AsyncGenerator<Arrival> {
    const first = arrival.kind === "events" ? Number(arrival.events[0]?.sequence) : 0;
    for (let last = after; last + 1 < first; ) {
      const page = await this.#pages.page(runId, last, 0, signal);
      const events: readonly EventJson[] = typeof page === "number" ? [] : (page.events ?? []);
      if (!events.length) return;
      yield { kind: "events", events };
      last = Number(events.at(-1)?.sequence);
    }
  }
}

function listen(source: EventSource, queue: Queue<Arrival>): void {
  source.onopen = () => queue.put({ kind: "alive" });
  source.onerror = () => queue.fail(new LevadaError({ detail: "The connection was lost." }));
  for (const type of [...EVENT_NAMES, "unknown", "gap"]) {
    source.addEventListener(type, ({ data, lastEventId }) => {
      for (const arrival of arrivals([{ type, data, lastEventId }])) queue.put(arrival);
    });
  }
}

function lastOf(arrival: Arrival): number | undefined {
  if (arrival.kind === "gap") return arrival.oldest - 1;
  return arrival.kind === "events" ? Number(arrival.events.at(-1)?.sequence) : undefined;
}
