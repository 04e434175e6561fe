// EventSource as browsers have it, as far as one connection goes: it hears events by their names only.
import { EventStreamParser } from "../../src/sse.js";

type Listener = (message: { data: string; lastEventId: string }) => void;

export class FakeEventSource {
  onopen: (() => void) | undefined;
  onerror: (() => void) | undefined;
  readonly #listeners = new Map<string, Listener>();
  readonly #over = new AbortController();

  constructor(url: string) {
    void this.#read(url).catch(() => this.#over.signal.aborted || this.onerror?.());
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.#over.abort();
  }

  async #read(url: string): Promise<void> {
    const headers = { Accept: "text/event-stream" };
    const response = await fetch(url, { headers, signal: this.#over.signal });
    if (response.status !== 200 || !response.body) throw new Error("closed");
    this.onopen?.();
    const parser = new EventStreamParser();
    const reader = response.body.getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      for (const { type, data, lastEventId } of parser.push(piece.value)) {
        this.#listeners.get(type)?.({ data, lastEventId });
      }
    }
    throw new Error("lost");
  }
}
