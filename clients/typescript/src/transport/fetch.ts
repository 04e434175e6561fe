// A run's events streamed over fetch: the usual way.
import type { Http } from "../http.js";
import type { EventJson } from "../levada/v1/event_pb.js";
import type { Message } from "../sse.js";
import { type Arrival, pathOf, type Transport } from "./arrival.js";
import { cut, type Patience, streamed } from "./stream.js";

export class FetchTransport implements Transport {
  readonly kind = "open";
  readonly #http: Http;
  readonly #patience: Patience | undefined;

  constructor(http: Http, patience?: Patience) {
    this.#http = http;
    this.#patience = patience;
  }

  async *read(runId: string, after: number, signal: AbortSignal): AsyncGenerator<Arrival> {
    const path = after ? `${pathOf(runId)}?after=${after}` : pathOf(runId);
    const stream = streamed(this.#http, path, signal, this.#patience);
    try {
      let next = await stream.next();
      for (; !next.done; next = await stream.next()) yield* arrivals(next.value);
      if (!next.value.nothing) throw cut(next.value);
      yield { kind: "over" };
    } finally {
      await stream.return({ nothing: false, retry: undefined });
    }
  }
}

/** Return what *messages* say, events that came together as one. */
export function arrivals(messages: readonly Message[]): Arrival[] {
  const found: Arrival[] = [];
  let events: EventJson[] = [];
  for (const { type, data } of messages) {
    const told = JSON.parse(data);
    if (type !== "gap") {
      events.push(told as EventJson);
      continue;
    }
    if (events.length) found.push({ kind: "events", events });
    events = [];
    found.push({ kind: "gap", oldest: Number((told as { oldestSequence?: string }).oldestSequence ?? 1) });
  }
  if (events.length) found.push({ kind: "events", events });
  return found.length ? found : [{ kind: "alive" }];
}
