// Reading through the tab that leads: as a transport like the others.
import type { Http } from "../http.js";
import type { Arrival, Transport } from "../transport/arrival.js";
import { PollingTransport } from "../transport/polling.js";
import { Hub, type Rhythm } from "./hub.js";
import { Reading } from "./reading.js";
import type { Meeting } from "./said.js";

export class SharedTransport implements Transport {
  readonly kind = "open";
  readonly #hub: Hub;
  readonly #pages: PollingTransport;

  constructor(http: Http, meeting: Meeting, rhythm?: Rhythm) {
    this.#hub = new Hub(http, meeting, rhythm);
    this.#pages = new PollingTransport(http);
  }

  hurry(): void {
    this.#hub.hurry();
  }

  async *read(runId: string, after: number, signal: AbortSignal): AsyncGenerator<Arrival> {
    const reading = new Reading(runId, after, this.#pages, signal);
    const leave = () => reading.queue.fail(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    this.#hub.join(runId, reading);
    try {
      yield* reading.queue;
    } finally {
      signal.removeEventListener("abort", leave);
      this.#hub.leave(runId, reading);
    }
  }
}
