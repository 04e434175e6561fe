// The client over a WebSocket: every event once and in order, whatever becomes of the connection.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ConnectionState, type EventJson, Interrupted, LevadaError } from "../src/index.js";
import { WebSocketClient } from "../src/websocket.js";
import { SocketGateway, webSocket } from "./support/socket-gateway.js";
import { until } from "./support/until.js";

const QUICK = { first: 1, longest: 5 };

let gateway: SocketGateway;
let client: WebSocketClient;

beforeEach(async () => {
  gateway = await new SocketGateway().start();
  client = new WebSocketClient({ baseUrl: gateway.url, webSocket, backoff: QUICK });
});

afterEach(async () => {
  client.close();
  await gateway.stop();
});

function events(first: number, last: number, runId = "r"): EventJson[] {
  return Array.from({ length: last - first + 1 }, (_, at) => ({
    runId,
    sequence: String(first + at),
    textDelta: { text: `word ${first + at}` },
  }));
}

function end(sequence: number, runId = "r"): EventJson {
  return { runId, sequence: String(sequence), completed: { summary: "Done." } };
}

async function read(stream: AsyncIterable<EventJson>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const event of stream) numbers.push(Number(event.sequence));
  return numbers;
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, at) => at + 1);
}

describe("a client over a WebSocket", () => {
  it("asks, and reads the answer as it is written", async () => {
    const asked = client.ask("How many?");
    const reading = read(asked);
    expect((await asked.run).runId).toBe("run-1");
    gateway.say("run-1", ...events(1, 3, "run-1"), end(4, "run-1"));
    expect(await reading).toEqual([1, 2, 3, 4]);
  });

  it("reads several runs over one connection", async () => {
    for (const runId of ["a", "b", "c"]) gateway.say(runId, ...events(1, 200, runId), end(201, runId));
    const told = await Promise.all(["a", "b", "c"].map((runId) => read(client.watch(runId))));
    expect(told).toEqual([upTo(201), upTo(201), upTo(201)]);
    expect([gateway.opened, gateway.tokens]).toEqual([1, 1]);
  });

  it("goes on where it was after every cut, each time with a new token", async () => {
    gateway.say("r", ...events(1, 50));
    const told: number[] = [];
    for await (const { sequence } of client.watch("r")) {
      const number = Number(sequence);
      told.push(number);
      if (number % 50 === 0 && number < 200) {
        gateway.cut();
        gateway.say("r", ...events(number + 1, number + 50));
      }
      if (number === 200) gateway.say("r", end(201));
    }
    expect(told).toEqual(upTo(201));
    expect(gateway.tokens).toBe(4);
  });

  it("makes one run, though the connection broke before it was told of it", async () => {
    let broken = 0;
    gateway.fault = ({ type }) => {
      if (type !== "run" || broken > 1) return true;
      broken += 1;
      gateway.cut();
      return false;
    };
    const asked = client.ask("How many?");
    const reading = read(asked);
    await asked.run;
    gateway.say("run-1", end(1, "run-1"));
    expect(await reading).toEqual([1]);
    expect([gateway.count("run"), gateway.made.size]).toEqual([3, 1]);
  });

  it("tries five times in a row, and then says that the stream was interrupted", async () => {
    gateway.say("r", ...events(1, 1));
    const states: ConnectionState[] = [];
    const stream = client.watch("r", { onConnection: (state) => states.push(state) });
    await stream.next();
    gateway.open = () => false;
    gateway.cut();
    await expect(stream.next()).rejects.toThrow(Interrupted);
    const tried = states.flatMap((state) => (state.kind === "retrying" ? [state.attempt] : []));
    expect(tried).toEqual([1, 2, 3, 4, 5]);
    expect(states.at(-1)?.kind).toBe("closed");
  });

  it("counts from the beginning once something was heard again", async () => {
    gateway.say("r", ...events(1, 1));
    const stream = client.watch("r");
    await stream.next();
    for (let number = 2; number < 12; number += 1) {
      gateway.cut();
      gateway.say("r", ...events(number, number));
      expect((await stream.next()).value?.sequence).toBe(String(number));
    }
  });

  it("throws what the gateway refuses", async () => {
    const refused = await read(client.watch("nothing")).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(LevadaError);
    expect((refused as LevadaError).reason).toBe("RUN_NOT_FOUND");
    await expect(client.cancel("nothing")).rejects.toThrow("RUN_NOT_FOUND");
    const asked = client.ask("");
    await expect(read(asked)).rejects.toThrow("INVALID_REQUEST");
    await expect(asked.run).rejects.toThrow("INVALID_REQUEST");
  });

  it("steers runs while they are watched", async () => {
    gateway.say("r", ...events(1, 1));
    const stream = client.watch("r");
    await stream.next();
    for (const verb of ["cancel", "pause", "resume"] as const) {
      expect(await client[verb]("r")).toEqual({ runId: "r", type: verb });
    }
    expect(await client.respond("r", { inputId: "i", decision: "approve" })).toMatchObject({ type: "respond" });
    expect(gateway.heard.at(-1)).toMatchObject({ answer: { inputId: "i", decision: "DECISION_APPROVE" } });
    expect(gateway.opened).toBe(1);
  });

  it("does not keep what a slow reader does not take, and asks for it again", async () => {
    client = new WebSocketClient({ baseUrl: gateway.url, webSocket, mostWaiting: 10 });
    gateway.say("r", ...events(1, 1));
    const told: number[] = [];
    for await (const { sequence } of client.watch("r")) {
      told.push(Number(sequence));
      if (told.length > 1) continue;
      gateway.say("r", ...events(2, 100), end(101));
      await until(() => gateway.count("unwatch") > 0);
    }
    expect(told).toEqual(upTo(101));
    expect(gateway.count("watch")).toBeGreaterThan(1);
  });

  it("leaves a connection on which nothing is heard", async () => {
    client = new WebSocketClient({ baseUrl: gateway.url, webSocket, backoff: QUICK, quiet: 10 });
    gateway.say("r", ...events(1, 1));
    const stream = client.watch("r");
    await stream.next();
    await until(() => gateway.count("ping") > 5); // answered, it stays
    expect(gateway.opened).toBe(1);
    gateway.fault = ({ type }) => type !== "ping";
    const next = stream.next();
    await until(() => gateway.opened > 1);
    gateway.say("r", end(2));
    expect((await next).value?.sequence).toBe("2");
  });

  it("stays on a connection that answers, however long it stood still itself", async () => {
    client = new WebSocketClient({ baseUrl: gateway.url, webSocket, quiet: 10 });
    gateway.say("r", ...events(1, 1));
    const stream = client.watch("r");
    await stream.next();
    const still = Date.now() + 100;
    while (Date.now() < still); // as a page in the background, or a machine asleep
    const asked = gateway.count("ping");
    await until(() => gateway.count("ping") > asked + 3);
    expect(gateway.opened).toBe(1);
  });

  it("goes on after what is no longer held", async () => {
    gateway.oldest = 5;
    gateway.say("r", ...events(1, 6), end(7));
    expect(await read(client.watch("r", { after: 2 }))).toEqual([5, 6, 7]);
  });

  it("tells the gateway when nobody reads any more", async () => {
    gateway.say("r", ...events(1, 1));
    const left = new AbortController();
    const stream = client.watch("r", { signal: left.signal });
    await stream.next();
    left.abort();
    await expect(stream.next()).rejects.toThrow();
    await until(() => gateway.count("unwatch") === 1);
    await client.cancel("r");
    expect(gateway.opened).toBe(1);
  });

  it("takes a token from whoever makes them", async () => {
    gateway.tokens = 7;
    client = new WebSocketClient({ baseUrl: gateway.url, webSocket, token: async () => "token-7" });
    gateway.say("r", end(1));
    expect(await read(client.watch("r"))).toEqual([1]);
    expect(gateway.tokens).toBe(7);
  });
});
