// Watching over EventSource: which hears only the names that it knows, and never says why it stopped.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { connect, type EventJson } from "../src/index.js";
import { FakeEventSource } from "./support/event-source.js";
import { recorded } from "./support/events.js";
import { Gateway } from "./support/gateway.js";
import { until } from "./support/until.js";

const RUN = recorded("revenue-by-month").map((event) => ({ ...event, runId: "r" }));

let gateway: Gateway;
beforeAll(() => vi.stubGlobal("EventSource", FakeEventSource));
afterAll(() => vi.unstubAllGlobals());
beforeEach(async () => {
  gateway = await new Gateway().start();
});
afterEach(() => gateway.stop());

async function watched(after = 0): Promise<EventJson[]> {
  const events: EventJson[] = [];
  const client = connect({ baseUrl: gateway.url, transport: "event-source" });
  for await (const event of client.watch("r", { after })) events.push(event);
  return events;
}

it("gives every event once, over connections that break", async () => {
  gateway.say("r", ...RUN.slice(0, 20));
  const watching = watched();
  await until(() => gateway.open === 1);
  gateway.cut();
  await until(() => gateway.open === 0);
  gateway.say("r", ...RUN.slice(20));
  expect(await watching).toEqual(RUN);
});

it("misses no event whose name it does not know", async () => {
  const strange = { runId: "r", sequence: "3", somethingNew: {} } as EventJson;
  const events = [...RUN.slice(0, 2), strange, ...RUN.slice(3)];
  gateway.always = (request, response) => {
    if (request.headers.accept === "application/json") return true;
    const write = response.write.bind(response);
    response.write = (chunk: unknown) => write(String(chunk).replace("event: unknown", "event: something_new"));
    return true;
  };
  gateway.say("r", ...events);
  expect(await watched()).toEqual(events);
});

it("is over at once after a run's last event", async () => {
  gateway.say("r", ...RUN);
  expect(await watched(RUN.length)).toEqual([]);
});

it("says that there is no such run", async () => {
  await expect(watched()).rejects.toMatchObject({ status: 404, reason: "RUN_NOT_FOUND" });
});

it("goes on behind a gap", async () => {
  gateway.say("r", ...RUN);
  gateway.oldest = 30;
  expect(await watched(4)).toEqual(RUN.slice(29));
});
