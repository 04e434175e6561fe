// Which ways of reading events are tried, in which order.
import type { ConnectOptions } from "../api.js";
import type { Http } from "../http.js";
import { meeting } from "../sharing/said.js";
import { SharedTransport } from "../sharing/transport.js";
import type { Transport } from "./arrival.js";
import { EventSourceTransport } from "./event-source.js";
import { FetchTransport } from "./fetch.js";
import { PollingTransport } from "./polling.js";

export function transportsOf(http: Http, { transport = "auto", shared = false }: ConnectOptions): readonly Transport[] {
  const pages = new PollingTransport(http);
  if (transport === "polling") return [pages];
  if (transport === "fetch") return [new FetchTransport(http)];
  if (transport === "event-source") return [new EventSourceTransport(http, pages), pages];
  const place = shared ? meeting() : undefined;
  const alone = [new FetchTransport(http), pages];
  return place ? [new SharedTransport(http, place), ...alone] : alone;
}
