// A run's events page by page, for networks that let no stream through.
import { delay } from "../backoff.js";
import type { Http } from "../http.js";
import type { ListRunEventsResponseJson } from "../levada/v1/run_service_pb.js";
import { type Arrival, oldestHeld, pathOf, type Transport } from "./arrival.js";

const PAGE = 1000;
// A server that stops does not wait: no sooner than so many milliseconds after a page without events comes the next.
const LEAST = 1_000;

export class PollingTransport implements Transport {
  readonly kind = "polling";
  readonly #http: Http;
  readonly #wait: number;

  /** Let the server wait up to *wait* seconds for an event. */
  constructor(http: Http, { wait = 15 } = {}) {
    this.#http = http;
    this.#wait = wait;
  }

  async *read(runId: string, after: number, signal: AbortSignal): AsyncGenerator<Arrival> {
    let last = after;
    // The first page is asked for without waiting, so that it is soon known whether this works.
    for (let wait = 0; !signal.aborted; wait = this.#wait) {
      const asked = Date.now();
      const page = await this.page(runId, last, wait, signal);
      if (typeof page === "number") {
        yield { kind: "gap", oldest: page };
        last = page - 1;
        continue;
      }
      const events = page.events ?? [];
      yield events.length ? { kind: "events", events } : { kind: "alive" };
      last = Number(events.at(-1)?.sequence ?? last);
      if (page.ended && events.length < PAGE) yield { kind: "over" };
      if (!events.length && wait) await delay(asked + LEAST - Date.now(), signal);
    }
    signal.throwIfAborted();
  }

  /** Return a page, or the oldest number still held where it can't be told from *after* on. */
  async page(
    runId: string,
    after: number,
    wait: number,
    signal: AbortSignal,
  ): Promise<ListRunEventsResponseJson | number> {
    const path = `${pathOf(runId)}?after=${after}&limit=${PAGE}&wait=${wait}`;
    try {
      return await this.#http.json<ListRunEventsResponseJson>(path, { signal });
    } catch (error) {
      const oldest = oldestHeld(error);
      if (oldest === undefined || oldest <= after + 1) throw error;
      return oldest;
    }
  }
}
