// Which ways of reading events are tried, in which order.
import type { ConnectOptions } from "../api.js";
import type { Http } from "../http.js";
import { meeting } from "../sharing/said.js";
import { SharedTransport } from "../sharing/transport.js";
import type { Transport } from "./arrival.js";
import { EventSourceTransport } from "./event-source.js";
import { FetchTransport } from "./fetch.js";
import { PollingTransport } from "./polling.js";

export function transportsOf(http: Http, options: ConnectOptions): readonly Transport[] {
  const { transport = "auto", shared = false } = options;
  const pages = new PollingTransport(http);
  if (transport === "polling") return [pages];
  if (transport === "fetch") return [new FetchTransport(http)];
  if (transport === "event-source") return [new EventSourceTransport(http, pages), pages];
  // Who a function's tokens are for is not known before they are made: tabs of several users must not meet.
  const place = shared && !(shared === true && typeof options.token === "function") ? meeting() : undefined;
  const alone = [new FetchTransport(http), pages];
  return place ? [new SharedTransport(http, { ...place, name: nameOf(http, options) }), ...alone] : alone;
}

// Tabs meet by this name: those that ask the same gateway as the same user.
function nameOf(http: Http, { shared, token }: ConnectOptions): string {
  const user = typeof shared === "string" ? shared : typeof token === "string" ? hash(token) : "";
  return `levada ${http.url("")} ${user}`;
}

// Tells tokens apart without telling them.
function hash(text: string): string {
  let sum = 5381;
  for (const letter of text) sum = (sum * 33 + (letter.codePointAt(0) ?? 0)) % 0x1fffffffffff;
  return sum.toString(36);
}
