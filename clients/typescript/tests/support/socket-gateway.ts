// A gateway's WebSocket on loopback that does what it is told: tells events, refuses, breaks off, falls silent.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { type EventJson, isTerminal } from "../../src/index.js";

interface Heard {
  readonly type: string;
  readonly id: string;
  readonly runId?: string;
  readonly after?: string;
  readonly request?: { readonly requestId?: string; readonly question?: string };
}

export class SocketGateway {
  readonly heard: Heard[] = [];
  readonly runs = new Map<string, EventJson[]>();
  readonly made = new Map<string, string>();
  /** What is done with a message in place of answering it; return true to answer it all the same. */
  fault: (heard: Heard, socket: WebSocket) => boolean = () => true;
  oldest = 1;
  tokens = 0;
  opened = 0;
  /** Called when a client wants to come in; false keeps it out. */
  open: () => boolean = () => true;
  url = "";
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #readers = new Set<() => void>();

  constructor() {
    this.#server = createServer((request, response) => this.#issue(request, response));
    this.#server.on("upgrade", (request, socket, head) => {
      const offered = request.headers["sec-websocket-protocol"] ?? "";
      if (!this.open() || !offered.includes(`bearer.token-${this.tokens}`)) {
        socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
        return;
      }
      this.opened += 1;
      this.#sockets.handleUpgrade(request, socket, head, (client) => this.#serve(client));
    });
  }

  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Cut every connection, as a gateway that dies does; return how many there were. */
  cut(): number {
    for (const client of this.#sockets.clients) client.terminate();
    return this.#sockets.clients.size;
  }

  say(runId: string, ...events: readonly EventJson[]): void {
    this.runs.set(runId, [...(this.runs.get(runId) ?? []), ...events]);
    for (const tell of [...this.#readers]) tell();
  }

  count(type: string): number {
    return this.heard.filter((each) => each.type === type).length;
  }

  #issue(request: IncomingMessage, response: ServerResponse): void {
    this.tokens += 1;
    const status = request.method === "POST" && request.url === "/v1/tokens" ? 201 : 404;
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ token: `token-${this.tokens}` }));
  }

  #serve(client: WebSocket): void {
    const watched = new Map<string, () => void>();
    client.on("message", (data) => {
      const heard = JSON.parse(String(data)) as Heard;
      this.heard.push(heard);
      if (this.fault(heard, client)) this.#answer(heard, client, watched);
    });
    client.on("close", () => {
      for (const tell of watched.values()) this.#readers.delete(tell);
    });
  }

  #answer(heard: Heard, client: WebSocket, watched: Map<string, () => void>): void {
    const { id, type } = heard;
    const say = (kind: string, members: object = {}) => client.send(JSON.stringify({ type: kind, id, ...members }));
    const known = watched.get(id);
    if (type === "ping") say("pong");
    else if (type === "unwatch") {
      if (known) this.#readers.delete(known);
      watched.delete(id);
      say("unwatched");
    } else if (type === "run" || type === "watch") this.#watch(heard, say, watched);
    else if (this.runs.has(heard.runId ?? "")) say("done", { run: { runId: heard.runId, type } });
    else say("error", refusal("RUN_NOT_FOUND", 404));
  }

  #watch(heard: Heard, say: (kind: string, members?: object) => void, watched: Map<string, () => void>): void {
    const runId = heard.type === "run" ? this.#make(heard) : (heard.runId ?? "");
    if (heard.type === "run" && runId) say("created", { run: { runId } });
    if (!this.runs.has(runId)) {
      say("error", heard.type === "run" ? refusal("INVALID_REQUEST", 400) : refusal("RUN_NOT_FOUND", 404));
      return;
    }
    let last = Number(heard.after ?? 0);
    if (last + 1 < this.oldest) say("gap", { oldestSequence: String(this.oldest) });
    const tell = () => {
      for (const event of this.runs.get(runId) ?? []) {
        const sequence = Number(event.sequence);
        if (sequence <= last || sequence < this.oldest) continue;
        last = sequence;
        say("event", { event: "any", sequence: event.sequence, data: event });
        if (isTerminal(event)) say("end");
      }
    };
    watched.set(heard.id, tell);
    this.#readers.add(tell);
    tell();
  }

  #make({ request }: Heard): string {
    if (!request?.question) return "";
    const key = request.requestId ?? "";
    const runId = this.made.get(key) ?? `run-${this.made.size + 1}`;
    this.made.set(key, runId);
    if (!this.runs.has(runId)) this.runs.set(runId, []);
    return runId;
  }
}

function refusal(reason: string, status: number): object {
  return { problem: { status, reason, detail: `Refused: ${reason}.` } };
}

/** The WebSocket of `ws`, as the client wants it where the platform has none. */
export const webSocket = WebSocket as unknown as new (url: string, protocols: string[]) => globalThis.WebSocket;
