// Many tabs over one connection: whatever becomes of the one that reads, every tab is told every event once.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Http } from "../src/http.js";
import type { ConnectionState, EventJson } from "../src/index.js";
import { polled } from "../src/sharing/runs.js";
import { SharedTransport } from "../src/sharing/transport.js";
import { FetchTransport } from "../src/transport/fetch.js";
import { watch } from "../src/watch.js";
import { recorded } from "./support/events.js";
import { Gateway, refuse } from "./support/gateway.js";
import { Browser, type Tab } from "./support/tabs.js";
import { until } from "./support/until.js";

const RUN = own("r", recorded("revenue-by-month"));
const RHYTHM = { every: 20, silence: 500 };

let gateway: Gateway;
let browser: Browser;
let leaving: AbortController[];
beforeEach(async () => {
  gateway = await new Gateway().start();
  browser = new Browser();
  leaving = [];
});
afterEach(async () => {
  for (const left of leaving) left.abort();
  await gateway.stop();
});

class Reader {
  readonly tab: Tab = browser.tab();
  readonly leave = new AbortController();
  readonly states: ConnectionState[] = [];
  hurry: () => void = () => undefined;
  readonly #transport: SharedTransport;

  constructor(rhythm = RHYTHM) {
    this.#transport = new SharedTransport(new Http({ baseUrl: gateway.url }), this.tab, rhythm);
    leaving.push(this.leave);
  }

  async read(runId: string, into: EventJson[] = []): Promise<EventJson[]> {
    const { signal } = this.leave;
    const onConnection = (state: ConnectionState) => this.states.push(state);
    const backoff = { first: 1, longest: 5 };
    const onWaiting = (goOn: () => void) => {
      this.hurry = goOn;
    };
    for await (const events of watch([this.#transport], { runId, signal, onConnection, onWaiting, backoff }))
      into.push(...events);
    return into;
  }
}

const kinds = (reader: Reader) => reader.states.map(({ kind }) => kind);

describe("tabs that share a connection", () => {
  it("are all told every event once, over one stream", async () => {
    gateway.say("r", ...RUN.slice(0, 5));
    const readers = Array.from({ length: 10 }, () => new Reader());
    const read = readers.map((reader) => reader.read("r"));
    await until(() => readers.every((reader) => kinds(reader).includes("open")));
    for (const event of RUN.slice(5)) {
      await new Promise((resolve) => setImmediate(resolve));
      gateway.say("r", event);
    }
    for (const events of await Promise.all(read)) expect(events).toEqual(RUN);
    expect(gateway.mostOpen).toBe(1);
  });

  it("read twelve different runs over one stream", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `r${index}`);
    for (const name of names) gateway.say(name, ...own(name, RUN.slice(0, 3)));
    const read = names.map((name) => new Reader().read(name));
    await until(() => gateway.open === 1 && (gateway.requests.at(-1)?.path.match(/run=/g)?.length ?? 0) === 12);
    for (const name of names) gateway.say(name, ...own(name, RUN.slice(3)));
    for (const [index, events] of (await Promise.all(read)).entries()) {
      expect(events).toEqual(own(names[index] ?? "", RUN));
    }
    expect(gateway.mostOpen).toBeLessThanOrEqual(2); // the old one may close a moment after the new one was opened
  });

  it("catch up when they come late", async () => {
    gateway.say("r", ...RUN.slice(0, 30));
    const first: EventJson[] = [];
    const reading = new Reader().read("r", first);
    await until(() => first.length === 30);
    const late: EventJson[] = [];
    const lateReading = new Reader().read("r", late);
    await until(() => late.length === 30);
    gateway.say("r", ...RUN.slice(30));
    expect(await reading).toEqual(RUN);
    expect(await lateReading).toEqual(RUN);
    expect(gateway.streams()).toBe(1);
  });

  it("are told the end by a leader that is through with the run", async () => {
    gateway.say("r", ...RUN);
    const first = new Reader();
    const other = new Reader();
    gateway.say("s", ...own("s", RUN.slice(0, 2)));
    void first.read("s").catch(() => undefined);
    expect(await first.read("r")).toEqual(RUN);
    expect(await other.read("r")).toEqual(RUN);
  });

  it("are told the end by a leader that takes a tab that is gone for one that still reads", async () => {
    const patient = { every: 20, silence: 1_000_000 };
    const [leader, gone, witness] = [new Reader(patient), new Reader(patient), new Reader(patient)];
    gateway.say("r", ...RUN.slice(0, 5));
    gateway.say("s", ...own("s", RUN.slice(0, 2)));
    void leader.read("s").catch(() => undefined);
    const events: EventJson[] = [];
    void gone.read("r", events).catch(() => undefined);
    await until(() => events.length === 5);
    gone.tab.frozen = true;
    gateway.say("r", ...RUN.slice(5));
    expect(await witness.read("r")).toEqual(RUN);
    expect(await new Reader(patient).read("r")).toEqual(RUN);
  });

  it("go on at once when the tab that read is closed", async () => {
    gateway.say("r", ...RUN.slice(0, 10));
    const never = { every: 1_000_000, silence: 1_000_000 };
    const readers = [new Reader(never), new Reader(never), new Reader(never)];
    const [first, second, third] = readers.map((reader) => {
      const events: EventJson[] = [];
      return { events, ended: reader.read("r", events).catch(() => events) };
    });
    await until(() => [first, second, third].every((each) => each?.events.length === 10));
    readers[0]?.leave.abort();
    await first?.ended;
    gateway.say("r", ...RUN.slice(10));
    expect(await second?.ended).toEqual(RUN);
    expect(await third?.ended).toEqual(RUN);
  });

  it("go on when the tab that read is frozen, and when it thaws", async () => {
    gateway.say("r", ...RUN.slice(0, 10));
    const readers = [new Reader(), new Reader(), new Reader()];
    const events: EventJson[][] = [[], [], []];
    const read = readers.map((reader, index) => reader.read("r", events[index]));
    await until(() => events.every(({ length }) => length === 10));
    const frozen = readers[0];
    if (frozen) frozen.tab.frozen = true;
    gateway.cut(); // a frozen tab's connection breaks, and it does nothing about it
    gateway.say("r", ...RUN.slice(10, 30));
    await until(() => events.slice(1).every(({ length }) => length === 30));
    if (frozen) frozen.tab.frozen = false;
    gateway.say("r", ...RUN.slice(30));
    for (const whole of await Promise.all(read)) expect(whole).toEqual(RUN);
  });

  it("are led by one that is seen", async () => {
    gateway.say("r", ...RUN.slice(0, 10));
    const patient = { every: 20, silence: 1_000_000 };
    const [hidden, seen] = [new Reader(patient), new Reader(patient)];
    const events: EventJson[] = [];
    void hidden.read("r").catch(() => undefined);
    const read = seen.read("r", events);
    await until(() => events.length === 10);
    hidden.tab.isHidden = true;
    await until(() => gateway.streams() === 2);
    hidden.tab.frozen = true;
    gateway.say("r", ...RUN.slice(10));
    expect(await read).toEqual(RUN);
  });

  it("take nothing away from a leader that answers, however seldom they ask", async () => {
    gateway.say("r", ...RUN.slice(0, 10));
    const seldom = { every: 100, silence: 80 };
    const readers = [new Reader(), new Reader(seldom), new Reader(seldom)];
    const read = readers.map((reader) => reader.read("r"));
    await until(() => readers.every(({ tab }) => tab.spoke > 12));
    gateway.say("r", ...RUN.slice(10));
    for (const whole of await Promise.all(read)) expect(whole).toEqual(RUN);
    expect(gateway.streams()).toBe(1);
  });

  it("are told how the connection of the one that reads stands", async () => {
    gateway.say("r", ...RUN.slice(0, 10));
    const readers = [new Reader(), new Reader()];
    const read = readers.map((reader) => reader.read("r"));
    await until(() => readers.every((reader) => kinds(reader).includes("open")));
    const port = Number(new URL(gateway.url).port);
    await gateway.stop();
    await until(() => readers.every((reader) => kinds(reader).includes("retrying")));
    gateway = new Gateway();
    gateway.say("r", ...RUN);
    await gateway.start(port);
    for (const whole of await Promise.all(read)) expect(whole).toEqual(RUN);
    for (const reader of readers) expect(kinds(reader).at(-1)).toBe("closed");
  });

  it("have the one that reads try again at once when any of them is told to", async () => {
    gateway.say("r", ...RUN);
    gateway.faults.push((_, response) => {
      response.writeHead(503, { "Retry-After": "60" }).end();
      return undefined;
    });
    const readers = [new Reader(), new Reader()];
    const read = readers.map((reader) => reader.read("r"));
    await until(() => readers.every((reader) => kinds(reader).includes("retrying")));
    readers[1]?.hurry();
    for (const whole of await Promise.all(read)) expect(whole).toEqual(RUN);
  });

  it("hear of a run that there is none, and the others go on", async () => {
    gateway.say("r", ...RUN.slice(0, 10));
    const readers = [new Reader(), new Reader()];
    const reading = readers[0]?.read("r");
    await expect(readers[1]?.read("nothing")).rejects.toMatchObject({ status: 404, reason: "RUN_NOT_FOUND" });
    gateway.say("r", ...RUN.slice(10));
    expect(await reading).toEqual(RUN);
  });

  it("hear of it when nobody may read", async () => {
    gateway.always = (_, response) => refuse(response, 401, "UNAUTHENTICATED");
    const readers = [new Reader(), new Reader()];
    const read = readers.map((reader) => reader.read("r"));
    for (const each of await Promise.allSettled(read)) expect(each).toMatchObject({ reason: { status: 401 } });
  });

  it("ask for pages in turn where streams are held back", async () => {
    gateway.say("r", ...RUN.slice(0, 10));
    gateway.always = ({ headers }, response) => {
      if (headers.accept === "application/json") return true;
      response.writeHead(404, { "Content-Type": "text/plain" }).end();
      return undefined;
    };
    const readers = [new Reader(), new Reader()];
    const read = readers.map((reader) => reader.read("r"));
    await until(() => readers.every((reader) => kinds(reader).includes("polling")));
    gateway.say("r", ...RUN.slice(10));
    for (const whole of await Promise.all(read)) expect(whole).toEqual(RUN);
  });

  it("read each for itself where pages may hold no locks", async () => {
    gateway.say("r", ...RUN);
    const http = new Http({ baseUrl: gateway.url });
    const tab = browser.tab();
    const locks = { request: () => Promise.reject(new DOMException("sandboxed", "SecurityError")) } as never;
    const shared = new SharedTransport(http, { name: "levada", locks, hidden: tab.hidden, open: tab.open }, RHYTHM);
    const { signal } = new AbortController();
    for (let time = 0; time < 2; time += 1) {
      const events: EventJson[] = [];
      for await (const batch of watch([shared, new FetchTransport(http)], { runId: "r", signal }))
        events.push(...batch);
      expect(events).toEqual(RUN);
    }
  });

  it("do not take a page that was refused for a sign of life", async () => {
    gateway.always = (_, response) => refuse(response, 503, "STORE_UNAVAILABLE");
    const http = new Http({ baseUrl: gateway.url });
    const pages = polled(http, new Map([["r", 0]]), new AbortController().signal);
    await expect(pages.next()).rejects.toMatchObject({ status: 503 });
  });

  it("leave nothing open once they are done", async () => {
    gateway.say("r", ...RUN);
    await new Reader().read("r");
    await until(() => gateway.open === 0);
  });
});

function own(runId: string, events: readonly EventJson[]): EventJson[] {
  return events.map((event) => ({ ...event, runId }));
}
