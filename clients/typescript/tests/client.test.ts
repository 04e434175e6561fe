// The client's calls, its stores, and what it keeps.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ConnectOptions, connect, LevadaError, type RunStore } from "../src/index.js";
import { recorded } from "./support/events.js";
import { Gateway, refuse } from "./support/gateway.js";
import { until } from "./support/until.js";

const RUN = recorded("revenue-by-month").map((event) => ({ ...event, runId: "r" }));

let gateway: Gateway;
beforeEach(async () => {
  gateway = await new Gateway().start();
});
afterEach(() => gateway.stop());

const client = (options: ConnectOptions = {}) => connect({ baseUrl: gateway.url, ...options });

/** Answer the next request with JSON; return what was sent. */
function answering(answer: object, status = 200) {
  const sent: { method: string; path: string; key: string; body: unknown }[] = [];
  gateway.faults.push((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece) => pieces.push(piece));
    request.on("end", () => {
      const text = Buffer.concat(pieces).toString();
      const key = String(request.headers["idempotency-key"] ?? "");
      sent.push({
        method: request.method ?? "",
        path: request.url ?? "",
        key,
        body: text ? JSON.parse(text) : undefined,
      });
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
    });
    return undefined;
  });
  return sent;
}

describe("a call", () => {
  it("asks once more, for the same run, when nobody answers", async () => {
    vi.useFakeTimers();
    const keys: unknown[] = [];
    const fetch = (_: unknown, { headers, signal }: RequestInit = {}) => {
      keys.push((headers as Record<string, string>)["Idempotency-Key"]);
      if (keys.length > 1) return Promise.resolve(Response.json({ run: { runId: "r" } }, { status: 201 }));
      return new Promise<Response>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    };
    const created = client({ fetch: fetch as typeof globalThis.fetch }).create("q");
    await vi.advanceTimersByTimeAsync(50_000);
    vi.useRealTimers();
    expect(await created).toEqual({ run: { runId: "r" }, existed: false });
    expect(new Set(keys).size).toBe(1);
  });

  it("makes a run, once, though its answer was lost", async () => {
    const keys: string[] = [];
    gateway.faults.push(({ headers, socket }) => {
      keys.push(String(headers["idempotency-key"]));
      socket.destroy();
      return undefined;
    });
    const sent = answering({ run: { runId: "r" }, streamUrl: "" }, 201);
    expect(await client().create("How many orders?")).toEqual({ run: { runId: "r" }, existed: false });
    expect(sent).toMatchObject([
      { method: "POST", path: "/v1/runs", key: keys[0], body: { question: "How many orders?" } },
    ]);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("is not repeated where it was refused", async () => {
    gateway.always = (_, response) =>
      refuse(response, 400, "INVALID_REQUEST", {
        violations: [{ field: "question", description: "It is empty." }],
      });
    const error = await client()
      .create("")
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(LevadaError);
    expect(error).toMatchObject({ status: 400, reason: "INVALID_REQUEST", violations: { question: "It is empty." } });
    expect(gateway.requests).toHaveLength(1);
  });

  it("says when to come back where there are too many", async () => {
    gateway.faults.push((_, response) => {
      response.writeHead(429, { "Retry-After": "1", "Content-Type": "application/problem+json" });
      response.end(JSON.stringify({ reason: "RATE_LIMITED", detail: "Too many." }));
      return undefined;
    });
    await expect(client().create("x")).rejects.toMatchObject({ status: 429, retryAfter: 1_000 });
    expect(gateway.requests).toHaveLength(1);
  });

  it("steers runs by their names, however they are spelt", async () => {
    const sent = [answering({ run: { runId: "a/b" } }), answering({ run: {} }), answering({ run: {} })].map((s) => s);
    await client().cancel("a/b", "enough");
    await client().respond("r", { inputId: "i", decision: "edit", text: "select 1" });
    await client().fork("r", { step: "plan", question: "And by country?" });
    expect(sent.flat()).toMatchObject([
      { path: "/v1/runs/a%2Fb:cancel", body: { cause: "enough" } },
      { path: "/v1/runs/r:respond", body: { inputId: "i", decision: "DECISION_EDIT", text: "select 1" } },
      { path: "/v1/runs/r:fork", body: { step: "plan", question: "And by country?" } },
    ]);
  });

  it("lists page by page", async () => {
    const sent = answering({ runs: [{ runId: "r" }], nextPageToken: "t" });
    const page = await client().list({
      pageSize: 1,
      states: ["RUN_STATE_RUNNING", "RUN_STATE_QUEUED"],
      pageToken: "s",
    });
    expect(page).toEqual({ runs: [{ runId: "r" }], nextPageToken: "t" });
    expect(sent[0]?.path).toBe("/v1/runs?pageSize=1&pageToken=s&states=RUN_STATE_RUNNING&states=RUN_STATE_QUEUED");
  });

  it("says where the rows are to be had", () => {
    const url = client().exportUrl("r", { format: "csv", tableId: "t-q1", spreadsheet: true });
    expect(url).toBe(`${gateway.url}/v1/runs/r/export?format=csv&table=t-q1&spreadsheet=true`);
  });

  it("tells an answer that is none of the gateway's", async () => {
    gateway.faults.push((_, response) => void response.end("<html>"));
    await expect(client().sources()).rejects.toMatchObject({ detail: expect.stringContaining("no JSON") });
  });
});

describe("a token", () => {
  it("is asked for once by all who need it, and anew once it was refused", async () => {
    let given = 0;
    gateway.always = ({ headers }, response) => {
      if (headers.authorization !== "Bearer t2") return refuse(response, 401, "UNAUTHENTICATED");
      response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
      return undefined;
    };
    const token = async () => {
      given += 1;
      return `t${given}`;
    };
    const asking = client({ token });
    await Promise.all([asking.sources(), asking.models(), asking.pipelines()]);
    expect(given).toBe(2);
  });

  it("that stays refused is told", async () => {
    gateway.always = (_, response) => refuse(response, 401, "UNAUTHENTICATED");
    await expect(client({ token: () => "t" }).sources()).rejects.toMatchObject({ status: 401 });
    expect(gateway.requests).toHaveLength(2);
    await expect(client({ token: "t" }).sources()).rejects.toMatchObject({ status: 401 });
    expect(gateway.requests).toHaveLength(3);
  });

  it("is renewed within a stream that is taken up again", async () => {
    gateway.say("r", ...RUN.slice(0, 10));
    let given = 0;
    let valid = "Bearer t1";
    gateway.always = ({ headers }, response) =>
      headers.authorization === valid || refuse(response, 401, "UNAUTHENTICATED");
    const ended = client({ token: () => `t${++given}` })
      .open("r")
      .ended();
    await until(() => gateway.open === 1);
    valid = "Bearer t2";
    gateway.cut();
    gateway.say("r", ...RUN.slice(10));
    expect((await ended).phase).toBe("completed");
    expect(given).toBe(2);
  });
});

describe("a store", () => {
  const opened = (options: ConnectOptions = {}): RunStore => client(options).open("r");

  it("follows a run to its end", async () => {
    gateway.say("r", ...RUN.slice(0, 10));
    const store = opened();
    const ended = store.ended();
    await until(() => store.getSnapshot().state.sequence === 10);
    expect(store.getSnapshot().connection.kind).toBe("open");
    gateway.say("r", ...RUN.slice(10));
    expect((await ended).end?.kind).toBe("completed");
    await until(() => store.getSnapshot().connection.kind === "closed");
    expect(store.getSnapshot().error).toBeUndefined();
  });

  it("gives the same snapshot until something changed, and tells of changes frame by frame", async () => {
    gateway.say("r", ...RUN);
    const store = opened();
    const seen: unknown[] = [];
    store.subscribe(() => seen.push(store.getSnapshot()));
    await store.ended();
    await until(() => gateway.open === 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen.length).toBeLessThan(10);
    for (const [index, snapshot] of seen.entries()) expect(snapshot).not.toEqual(seen[index - 1]);
    expect(store.getSnapshot()).toBe(store.getSnapshot());
  });

  it("is one for all who open the same run", async () => {
    gateway.say("r", ...RUN.slice(0, 3));
    const asking = client();
    const [one, other] = [asking.open("r"), asking.open("r")];
    expect(one).toBe(other);
    const leave = [one.subscribe(() => undefined), other.subscribe(() => undefined)];
    await until(() => one.getSnapshot().state.sequence === 3);
    expect(gateway.streams()).toBe(1);
    for (const each of leave) each();
    asking.close();
    await until(() => gateway.open === 0);
  });

  it("is shown again without asking, once it has ended", async () => {
    gateway.say("r", ...RUN);
    const asking = client();
    await asking.open("r").ended();
    const again = asking.open("r");
    expect(again.getSnapshot()).toMatchObject({ state: { phase: "completed" }, connection: { kind: "closed" } });
    await again.ended();
    expect(gateway.requests).toHaveLength(1);
  });

  it("goes on from where it was when it is opened again", async () => {
    gateway.say("r", ...RUN.slice(0, 10));
    const asking = client();
    const store = asking.open("r");
    store.subscribe(() => undefined);
    await until(() => store.getSnapshot().state.sequence === 10);
    store.close();
    await until(() => gateway.open === 0);
    gateway.say("r", ...RUN.slice(10));
    expect((await asking.open("r").ended()).gaps).toEqual([]);
    expect(gateway.requests.at(-1)?.path).toContain("after=10");
  });

  it("says why it can't be followed", async () => {
    const store = opened();
    await expect(store.ended()).rejects.toMatchObject({ status: 404 });
    expect(store.getSnapshot()).toMatchObject({ connection: { kind: "closed" }, error: { reason: "RUN_NOT_FOUND" } });
  });

  it("says why it can't be steered, and follows on", async () => {
    gateway.say("r", ...RUN.slice(0, 5));
    const store = opened();
    const ended = store.ended();
    await until(() => store.getSnapshot().state.sequence === 5);
    gateway.faults.push((_, response) => refuse(response, 409, "RUN_ENDED"));
    await expect(store.pause()).rejects.toMatchObject({ status: 409 });
    await until(() => store.getSnapshot().error?.reason === "RUN_ENDED");
    gateway.say("r", ...RUN.slice(5));
    expect((await ended).phase).toBe("completed");
  });

  it("tries at once when it is told to", async () => {
    gateway.say("r", ...RUN);
    gateway.faults.push((_, response) => {
      response.writeHead(503, { "Retry-After": "60" }).end();
      return undefined;
    });
    const store = opened();
    const ended = store.ended();
    await until(() => store.getSnapshot().connection.kind === "retrying");
    store.reconnect();
    expect((await ended).phase).toBe("completed");
  });
});
