// One reader of one run in this tab: takes what the leader says in order, and reads from pages what it missed.
import type { EventJson } from "../levada/v1/event_pb.js";
import { Queue } from "../queue.js";
import type { Arrival } from "../transport/arrival.js";
import type { PollingTransport } from "../transport/polling.js";

export class Reading {
  readonly queue = new Queue<Arrival>();
  last: number;
  readonly #runId: string;
  readonly #pages: PollingTransport;
  readonly #signal: AbortSignal;
  #known = 0;
  #filling = false;

  constructor(runId: string, after: number, pages: PollingTransport, signal: AbortSignal) {
    this.#runId = runId;
    this.last = after;
    this.#pages = pages;
    this.#signal = signal;
  }

  /** Take events that the leader read. */
  take(events: readonly EventJson[]): void {
    if (Number(events[0]?.sequence) <= this.last + 1) this.#put(events);
    void this.reach(Number(events.at(-1)?.sequence));
  }

  gap(oldest: number): void {
    this.queue.put({ kind: "gap", oldest });
    this.last = Math.max(this.last, oldest - 1);
  }

  /** Nothing more will come; what is missing still has to be read. */
  ended(): void {
    void this.reach(Number.POSITIVE_INFINITY);
  }

  /** Read from pages what is missing up to number *known*, which the leader has told of. */
  async reach(known: number): Promise<void> {
    this.#known = Math.max(this.#known, known);
    if (this.#filling || this.last >= this.#known) return;
    this.#filling = true;
    try {
      while (this.last < this.#known && !this.#signal.aborted) {
        const page = await this.#pages.page(this.#runId, this.last, 0, this.#signal);
        if (typeof page === "number") this.gap(page);
        else if (page.events?.length) this.#put(page.events);
        else if (page.ended) return this.queue.put({ kind: "over" });
        else return;
      }
    } catch {
      // The leader says in a moment again how far it is: then it is tried again.
    } finally {
      this.#filling = false;
    }
  }

  #put(events: readonly EventJson[]): void {
    const fresh = events.filter(({ sequence }) => Number(sequence) > this.last);
    const end = fresh.at(-1);
    if (!end) return;
    this.last = Number(end.sequence);
    this.queue.put({ kind: "events", events: fresh });
  }
}
