// A stream of server-sent events over fetch, with a watch on how long nothing comes.
import { Attempt } from "../attempt.js";
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

/** How a stream ended: whether there was nothing to stream, and how long to wait before coming back. */
export interface Closed {
  readonly nothing: boolean;
  readonly retry: number | undefined;
}

/** Yield the messages of the stream at *path* that come together, none of them for a heartbeat. */
export async function* streamed(
  http: Http,
  path: string,
  signal: AbortSignal,
  patience = PATIENCE,
): AsyncGenerator<readonly Message[], Closed> {
  const attempt = new Attempt(signal);
  attempt.limit(patience.beginning, new Blocked({ detail: "Something on the way holds the stream back." }));
  try {
    const response = await http.send(path, { headers: { Accept: "text/event-stream" }, signal: attempt.signal });
    if (response.status === 204) return { nothing: true, retry: undefined };
    const parser = new EventStreamParser();
    for await (const bytes of body(response)) {
      attempt.limit(patience.silence, new LevadaError({ detail: "The connection fell silent." }));
      yield parser.push(bytes);
    }
    return { nothing: false, retry: parser.retry };
  } catch (error) {
    attempt.signal.throwIfAborted();
    const long = error instanceof MessageTooLong;
    throw long ? new LevadaError({ status: 500, detail: error.message }) : connectionError(error);
  } finally {
    attempt.close();
  }
}

/** The error of a stream that the server ended early; it may have said when to come back. */
export function cut({ retry }: Closed): LevadaError {
  return new LevadaError({ detail: "The connection ended before the run did.", retryAfter: retry });
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
