// Watching a run over a real connection that breaks in every way that it can.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Http } from "../src/http.js";
import { type ConnectionState, type EventJson, Interrupted, LevadaError } from "../src/index.js";
import { FetchTransport } from "../src/transport/fetch.js";
import { PollingTransport } from "../src/transport/polling.js";
import { watch } from "../src/watch.js";
import { recorded } from "./support/events.js";
import { Gateway, refuse } from "./support/gateway.js";
import { until } from "./support/until.js";

const RUN = recorded("revenue-by-month");
const FAST = { first: 1, longest: 5 };

let gateway: Gateway;
let states: ConnectionState[];
beforeEach(async () => {
  gateway = await new Gateway().start();
  states = [];
});
afterEach(() => gateway.stop());

interface Options {
  readonly after?: number;
  readonly silence?: number;
  readonly beginning?: number;
  readonly patience?: number;
  readonly ways?: "both" | "stream" | "pages";
  readonly signal?: AbortSignal;
  readonly returnAfter?: number;
}

function watching({ after = 0, silence = 5_000, beginning = 5_000, ways = "both", ...rest }: Options = {}) {
  const http = new Http({ baseUrl: gateway.url });
  const stream = new FetchTransport(http, { silence, beginning });
  const pages = new PollingTransport(http, { wait: 5 });
  const transports = { both: [stream, pages], stream: [stream], pages: [pages] }[ways];
  const backoff = rest.patience === undefined ? FAST : { ...FAST, patience: rest.patience, random: () => 1 };
  const signal = rest.signal ?? new AbortController().signal;
  const onConnection = (state: ConnectionState) => states.push(state);
  const { returnAfter = 60_000 } = rest;
  return watch(transports, { runId: "r", after, signal, backoff, onConnection, returnAfter });
}

async function all(batches: AsyncIterable<readonly EventJson[]>): Promise<EventJson[]> {
  const events: EventJson[] = [];
  for await (const batch of batches) events.push(...batch);
  return events;
}

const kinds = () => states.map(({ kind }) => kind);

describe("watching", () => {
  it("gives every event once and in order, and ends with the run", async () => {
    gateway.say("r", ...RUN);
    expect(await all(watching())).toEqual(RUN);
    expect(kinds()).toEqual(["connecting", "open", "closed"]);
    expect(gateway.requests).toHaveLength(1);
  });

  it("gives what happens while it watches", async () => {
    gateway.say("r", ...RUN.slice(0, 10));
    const watched = all(watching());
    for (const event of RUN.slice(10)) {
      await new Promise((resolve) => setImmediate(resolve));
      gateway.say("r", event);
    }
    expect(await watched).toEqual(RUN);
  });

  it("goes on after a number", async () => {
    gateway.say("r", ...RUN);
    expect(await all(watching({ after: 40 }))).toEqual(RUN.slice(40));
  });

  it("is over at once after a run's last event", async () => {
    gateway.say("r", ...RUN);
    expect(await all(watching({ after: RUN.length }))).toEqual([]);
    expect(kinds()).toEqual(["connecting", "open", "closed"]);
  });

  it("takes the stream up again wherever it is cut", async () => {
    gateway.say("r", ...RUN);
    gateway.always = cutAfter(3_000);
    // Signs of life in between begin the patience anew.
    expect(await all(watching({ patience: 3 }))).toEqual(RUN);
    expect(gateway.requests.length).toBeGreaterThan(4);
    expect(kinds()).toContain("retrying");
    expect(kinds().at(-1)).toBe("closed");
  });

  it("does not take a stream that ends early for the run's end", async () => {
    gateway.say("r", ...RUN);
    gateway.faults.push(endAfter(2_000));
    expect(await all(watching())).toEqual(RUN);
    expect(gateway.requests).toHaveLength(2);
    expect(gateway.requests[1]?.path).toMatch(/after=\d+/);
  });

  it("comes back no sooner than a stream that was ended asked for", async () => {
    gateway.say("r", ...RUN);
    gateway.retry = 150;
    gateway.faults.push(endAfter(2_000));
    expect(await all(watching())).toEqual(RUN);
    const retrying = states.find((state) => state.kind === "retrying");
    expect(retrying).toMatchObject({ why: { retryAfter: 150 } });
  });

  it("survives a gateway that is away for a while", async () => {
    gateway.say("r", ...RUN.slice(0, 20));
    const watched = all(watching());
    await until(() => kinds().includes("open"));
    const port = Number(new URL(gateway.url).port);
    await gateway.stop();
    await until(() => kinds().filter((kind) => kind === "retrying").length > 3);
    gateway = new Gateway();
    gateway.say("r", ...RUN);
    await gateway.start(port);
    expect(await watched).toEqual(RUN);
  });

  it("says when it tries again, how often it tried and why", async () => {
    gateway.say("r", ...RUN);
    gateway.faults.push((_, response) => refuse(response, 503, "STORE_UNAVAILABLE"));
    await all(watching());
    const retrying = states.find((state) => state.kind === "retrying");
    expect(retrying).toMatchObject({ attempt: 1, why: { status: 503, reason: "STORE_UNAVAILABLE" } });
  });

  it("waits where there are too many streams", async () => {
    gateway.say("r", ...RUN);
    gateway.faults.push((_, response) => refuse(response, 429, "TOO_MANY_STREAMS"));
    expect(await all(watching())).toEqual(RUN);
    expect(states.find((state) => state.kind === "retrying")).toMatchObject({ why: { reason: "TOO_MANY_STREAMS" } });
  });

  it("asks for pages where there are too many streams for long", async () => {
    gateway.say("r", ...RUN);
    gateway.always = ({ headers }, response) =>
      headers.accept === "application/json" || refuse(response, 429, "TOO_MANY_STREAMS");
    expect(await all(watching())).toEqual(RUN);
    expect(kinds().slice(-2)).toEqual(["polling", "closed"]);
  });

  it("comes back to the stream once there is room for it", async () => {
    gateway.say("r", ...RUN.slice(0, 10));
    let full = true;
    gateway.always = ({ headers }, response) =>
      headers.accept === "application/json" || !full || refuse(response, 429, "TOO_MANY_STREAMS");
    const told: EventJson[] = [];
    for await (const events of watching({ returnAfter: 30 })) {
      told.push(...events);
      if (told.length === 10 && full) {
        expect(kinds().at(-1)).toBe("polling");
        full = false;
        setTimeout(() => gateway.say("r", ...RUN.slice(10)), 50);
      }
    }
    expect(told).toEqual(RUN);
    expect(kinds().slice(-2)).toEqual(["open", "closed"]);
  });

  it("goes on asking for pages where there is still no room", async () => {
    gateway.say("r", ...RUN.slice(0, 10));
    gateway.always = ({ headers }, response) =>
      headers.accept === "application/json" || refuse(response, 429, "TOO_MANY_STREAMS");
    const told: EventJson[] = [];
    for await (const events of watching({ returnAfter: 30 })) {
      told.push(...events);
      if (told.length === 10) setTimeout(() => gateway.say("r", ...RUN.slice(10)), 100);
    }
    expect(told).toEqual(RUN);
    expect(kinds().slice(-2)).toEqual(["polling", "closed"]);
  });

  it("fails at once where there is no such run", async () => {
    const error = await all(watching()).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(LevadaError);
    expect(error).toMatchObject({ status: 404, reason: "RUN_NOT_FOUND", detail: "Refused: RUN_NOT_FOUND." });
    expect(states.at(-1)).toMatchObject({ kind: "closed", error: { status: 404 } });
    expect(gateway.requests).toHaveLength(1);
  });

  it("does not try in vain for ever", async () => {
    await gateway.stop();
    const error = await all(watching({ patience: 20 })).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(Interrupted);
    expect(error).toMatchObject({ reason: "STREAM_INTERRUPTED" });
    expect(states.at(-1)?.kind).toBe("closed");
    gateway = await new Gateway().start();
  });

  it("goes on behind a gap, from the oldest event that is held", async () => {
    gateway.say("r", ...RUN);
    gateway.oldest = 30;
    expect(await all(watching({ after: 5 }))).toEqual(RUN.slice(29));
  });

  it("takes a stream that leaves out events up again", async () => {
    gateway.say("r", ...RUN);
    gateway.faults.push((_, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      for (const event of [RUN[0], RUN[1], RUN[3]]) response.write(`data: ${JSON.stringify(event)}\n\n`);
      return undefined;
    });
    expect(await all(watching())).toEqual(RUN);
  });

  it("drops what it was told before", async () => {
    gateway.say("r", ...RUN);
    gateway.faults.push((_, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      for (const event of [...RUN.slice(0, 5), ...RUN]) response.write(`data: ${JSON.stringify(event)}\n\n`);
      return undefined;
    });
    expect(await all(watching())).toEqual(RUN);
  });

  it("notices a connection that fell silent", async () => {
    gateway.say("r", ...RUN.slice(0, 9));
    const watched = all(watching({ silence: 100 }));
    await until(() => kinds().includes("retrying"));
    gateway.say("r", ...RUN.slice(9));
    expect(await watched).toEqual(RUN);
  });

  it("asks for pages where something holds streams back", async () => {
    gateway.say("r", ...RUN.slice(0, 20));
    gateway.always = ({ headers }, response) => {
      if (headers.accept === "application/json") return true;
      response.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
      return undefined;
    };
    const watched = all(watching({ beginning: 50 }));
    await until(() => kinds().includes("polling"));
    gateway.say("r", ...RUN.slice(20));
    expect(await watched).toEqual(RUN);
    expect(kinds()).toEqual(["connecting", "polling", "closed"]);
    expect(gateway.streams()).toBeLessThanOrEqual(1); // given up before it came there, where the machine is busy
  });

  it("stays with streams where one that came through before is slow to begin, once", async () => {
    gateway.say("r", ...RUN.slice(0, 20));
    const watched = all(watching({ beginning: 200 }));
    await until(() => kinds().includes("open"));
    gateway.faults.push((_, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
      return undefined;
    });
    gateway.cut();
    await until(() => gateway.streams() === 3);
    gateway.say("r", ...RUN.slice(20));
    expect(await watched).toEqual(RUN);
    expect(kinds()).not.toContain("polling");
  });

  it("asks for pages where streams are answered by something else", async () => {
    gateway.say("r", ...RUN);
    gateway.faults.push((_, response) => {
      response.writeHead(200, { "Content-Type": "text/html" }).end("<p>Streaming is not allowed here</p>");
      return undefined;
    });
    expect(await all(watching())).toEqual(RUN);
    expect(kinds()).toContain("polling");
  });

  it("asks for pages where streams break before they begin, time after time", async () => {
    gateway.say("r", ...RUN);
    gateway.always = ({ headers, socket }) => headers.accept === "application/json" || void socket.destroy();
    expect(await all(watching())).toEqual(RUN);
    expect(gateway.streams()).toBe(3);
  });

  it("keeps to streams once one has worked", async () => {
    gateway.say("r", ...RUN.slice(0, 20));
    const watched = all(watching());
    await until(() => kinds().includes("open"));
    gateway.always = (request) => void request.socket.destroy();
    gateway.cut();
    await until(() => kinds().filter((kind) => kind === "retrying").length > 5);
    gateway.always = () => true;
    gateway.say("r", ...RUN.slice(20));
    expect(await watched).toEqual(RUN);
    expect(kinds()).not.toContain("polling");
  });

  it("polls page by page, over gaps, to the end", async () => {
    const long = Array.from({ length: 2_500 }, (_, index) => ({ runId: "r", sequence: String(index + 1) }));
    gateway.say("r", ...long, { runId: "r", sequence: "2501", completed: {} });
    gateway.oldest = 100;
    const events = await all(watching({ ways: "pages" }));
    expect(events.map(({ sequence }) => Number(sequence))).toEqual(Array.from({ length: 2_402 }, (_, i) => i + 100));
    expect(kinds()).toEqual(["connecting", "polling", "closed"]);
  });

  it("does not ask for page after page where the server does not wait for events", async () => {
    vi.useFakeTimers();
    let asked = 0;
    const fetch = async () => {
      asked += 1;
      return Response.json({ events: [] });
    };
    const leaving = new AbortController();
    const pages = new PollingTransport(new Http({ baseUrl: "http://gateway", fetch }));
    const watched = all(watch([pages], { runId: "r", signal: leaving.signal })).catch(() => []);
    await vi.advanceTimersByTimeAsync(4_500);
    vi.useRealTimers();
    leaving.abort();
    await watched;
    expect(asked).toBe(6); // the first says whether this works, then one a second
  });

  it("is left by who breaks off", async () => {
    gateway.say("r", ...RUN.slice(0, 5));
    for await (const _ of watching()) break;
    await until(() => gateway.open === 0);
  });

  it("is left by an aborted signal, wherever it is", async () => {
    gateway.say("r", ...RUN.slice(0, 5));
    const leaving = new AbortController();
    const watched = all(watching({ signal: leaving.signal })).catch((error: unknown) => error);
    await until(() => kinds().includes("open"));
    leaving.abort(new Error("enough"));
    expect(await watched).toMatchObject({ message: "enough" });
    await until(() => gateway.open === 0);
  });
});

/** Pass on an answer's first bytes, then cut the connection. */
function cutAfter(bytes: number) {
  return limited(bytes, ({ socket }) => socket?.destroy());
}

/** Pass on an answer's first bytes, then end it as if it were whole. */
function endAfter(bytes: number) {
  return limited(bytes, (response) => response.end());
}

function limited(bytes: number, end: (response: import("node:http").ServerResponse) => void) {
  return (_: unknown, response: import("node:http").ServerResponse): boolean => {
    let left = bytes;
    const write = response.write.bind(response);
    response.write = (chunk: unknown) => {
      const text = String(chunk);
      if (left <= 0) return false;
      write(text.slice(0, left));
      left -= text.length;
      if (left <= 0) setTimeout(() => end(response), 5);
      return true;
    };
    return true;
  };
}
