// A gateway on loopback that does what it is told: streams, pages, refuses, breaks off, falls silent.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type EventJson, isTerminal, payloadOf } from "../../src/index.js";

/** What to do with the next request in place of answering it; return true to answer it all the same. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean | undefined;

export class Gateway {
  readonly requests: { readonly path: string; readonly accept: string; readonly authorization: string }[] = [];
  readonly faults: Fault[] = [];
  /** What is done with every request, after the faults. */
  always: Fault = () => true;
  readonly #runs = new Map<string, EventJson[]>();
  readonly #readers = new Set<() => void>();
  readonly #server: Server;
  url = "";
  /** The oldest number still held. */
  oldest = 1;
  /** What streams say about coming back, in milliseconds. */
  retry = 1;
  open = 0;
  mostOpen = 0;

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Cut every connection, as a gateway that dies does. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  say(runId: string, ...events: readonly EventJson[]): void {
    this.#runs.set(runId, [...(this.#runs.get(runId) ?? []), ...events]);
    for (const tell of [...this.#readers]) tell();
  }

  streams(): number {
    return this.requests.filter(({ accept }) => accept === "text/event-stream").length;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { accept = "", authorization = "" } = request.headers;
    this.requests.push({ path: request.url ?? "", accept, authorization });
    const fault = this.faults.shift() ?? this.always;
    if (!fault(request, response)) return;
    const url = new URL(request.url ?? "", this.url);
    if (url.pathname === "/v1/events") {
      this.#several(url, response);
      return;
    }
    const runId = decodeURIComponent(url.pathname.split("/")[3] ?? "");
    if (!this.#runs.has(runId)) {
      refuse(response, 404, "RUN_NOT_FOUND");
      return;
    }
    const after = Number(url.searchParams.get("after") ?? 0);
    if (accept === "application/json") {
      this.#page(runId, after, Number(url.searchParams.get("wait")), response);
      return;
    }
    if (this.#ended(runId, after)) {
      response.writeHead(204).end();
      return;
    }
    this.#stream(new Map([[runId, after]]), false, response);
  }

  #ended(runId: string, after: number): boolean {
    const last = this.#runs.get(runId)?.at(-1);
    return last !== undefined && isTerminal(last) && after >= Number(last.sequence);
  }

  #several(url: URL, response: ServerResponse): void {
    const runs = url.searchParams.getAll("run").map((run): [string, number] => {
      const at = run.lastIndexOf(":");
      return [run.slice(0, at), Number(run.slice(at + 1))];
    });
    this.#stream(new Map(runs), true, response);
  }

  #stream(last: Map<string, number>, named: boolean, response: ServerResponse): void {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(`retry: ${this.retry}\n\n`);
    this.open += 1;
    this.mostOpen = Math.max(this.open, this.mostOpen);
    const tell = () => {
      for (const [runId, after] of last) this.#tell(runId, after, last, named, response);
      if (!last.size) response.end();
    };
    this.#readers.add(tell);
    response.on("close", () => {
      this.open -= 1;
      this.#readers.delete(tell);
    });
    tell();
  }

  #tell(runId: string, after: number, last: Map<string, number>, named: boolean, response: ServerResponse): void {
    const events = this.#runs.get(runId);
    if (!events) {
      response.write(frame("refused", { runId, status: 404, reason: "RUN_NOT_FOUND", detail: "No such run." }));
      last.delete(runId);
      return;
    }
    if (after + 1 < this.oldest) {
      response.write(frame("gap", { ...(named && { runId }), oldestSequence: String(this.oldest) }));
    }
    for (const event of events.filter(({ sequence }) => Number(sequence) > after && Number(sequence) >= this.oldest)) {
      response.write(frame((payloadOf(event) ?? "unknown").replace(/[A-Z]/g, "_$&").toLowerCase(), event));
      last.set(runId, Number(event.sequence));
    }
    if (!this.#ended(runId, last.get(runId) ?? 0)) return;
    if (named) response.write(frame("ended", { runId }));
    last.delete(runId);
  }

  #page(runId: string, after: number, wait: number, response: ServerResponse): void {
    if (after + 1 < this.oldest) {
      refuse(response, 410, "CURSOR_EXPIRED", { metadata: { oldest_sequence: String(this.oldest) } });
      return;
    }
    const events = (this.#runs.get(runId) ?? []).filter(({ sequence }) => Number(sequence) > after).slice(0, 1000);
    if (events.length || !wait || this.#ended(runId, after)) {
      const last = this.#runs.get(runId)?.at(-1);
      const ended = last !== undefined && isTerminal(last) && (events.at(-1) ?? last) === last;
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ events, ended }));
      return;
    }
    const tell = () => {
      this.#readers.delete(tell);
      this.#page(runId, after, 0, response);
    };
    this.#readers.add(tell);
    response.on("close", () => this.#readers.delete(tell));
  }
}

/** Answer with a problem. */
export function refuse(response: ServerResponse, status: number, reason: string, more: object = {}): undefined {
  const wait: Record<string, string> = status === 429 ? { "Retry-After": "0" } : {};
  response.writeHead(status, { "Content-Type": "application/problem+json", ...wait });
  response.end(JSON.stringify({ status, reason, detail: `Refused: ${reason}.`, ...more }));
}

function frame(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
