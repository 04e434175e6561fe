// A stream of server-sent events over fetch, with a watch on how long nothing comes.
import { connectionError, LevadaError } from "../errors.js";
import type { Http } from "../http.js";
import { EventStreamParser, type Message, MessageTooLong } from "../sse.js";
import { Blocked } from "./arrival.js";

export interface Patience {
  /** The gateway says something at once; a stream that begins with nothing is held back on the way. */
  readonly beginning: number;
  /** Heartbeats come every 15 s; after this long the connection is dead. */
  readonly silence: number;
}

export const PATIENCE: Patience = { beginning: 10_000, silence: 45_000 };

/**
 * Yield the messages of the stream at *path* as they come together, none of them for a heartbeat; return true when the
 * server says that there is nothing to stream.
 */
export async function* streamed(
  http: Http,
  path: string,
  signal: AbortSignal,
  patience = PATIENCE,
): AsyncGenerator<readonly Message[], boolean> {
  const attempt = new AbortController();
  const leave = () => attempt.abort(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  const held = new Blocked({ detail: "Something on the way holds the stream back." });
  let watchdog = setTimeout(() => attempt.abort(held), patience.beginning);
  try {
    const response = await http.send(path, { headers: { Accept: "text/event-stream" }, signal: attempt.signal });
    if (response.status === 204) return true;
    const parser = new EventStreamParser();
    for await (const bytes of body(response)) {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => attempt.abort(silent()), patience.silence);
      yield parser.push(bytes);
    }
    return false;
  } catch (error) {
    attempt.signal.throwIfAborted();
    throw error instanceof MessageTooLong
      ? new LevadaError({ status: 500, detail: error.message })
      : connectionError(error);
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener("abort", leave);
    attempt.abort();
  }
}

function silent(): LevadaError {
  return new LevadaError({ detail: "The connection fell silent." });
}

async function* body(response: Response): AsyncGenerator<Uint8Array> {
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("text/event-stream") || !response.body) {
    throw new Blocked({ status: response.status, detail: `Something on the way answered with ${type || "nothing"}.` });
  }
  const reader = response.body.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
  } finally {
    reader.cancel().catch(() => undefined); // an aborted one says so once more
  }
}
