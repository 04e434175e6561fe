// Reading several runs over one connection: a stream that names the run of each event, or pages in turn.
import { delay } from "../backoff.js";
import { LevadaError, type Problem, passes, problemIn } from "../errors.js";
import type { Http } from "../http.js";
import type { EventJson } from "../levada/v1/event_pb.js";
import { isTerminal } from "../payloads.js";
import type { Message } from "../sse.js";
import { Blocked } from "../transport/arrival.js";
import { PollingTransport } from "../transport/polling.js";
import { cut, streamed } from "../transport/stream.js";

export type RunArrival =
  | { readonly kind: "alive" }
  | { readonly kind: "events"; readonly runId: string; readonly events: readonly EventJson[] }
  | { readonly kind: "gap"; readonly runId: string; readonly oldest: number }
  /** Nothing more will come of this run. */
  | { readonly kind: "ended"; readonly runId: string }
  | { readonly kind: "refused"; readonly runId: string; readonly problem: Problem }
  /** Nothing more will come of any. */
  | { readonly kind: "over" };

/** How many runs the gateway streams over one connection. */
export const MOST_RUNS = 50;

const PAUSE = 1_000;

/** How far each run was read; who reads deletes those that ended. */
export type Positions = ReadonlyMap<string, number>;

export async function* streamedRuns(http: Http, runs: Positions, signal: AbortSignal): AsyncGenerator<RunArrival> {
  const query = [...runs].map(([runId, after]) => `run=${encodeURIComponent(runId)}:${after}`).join("&");
  const stream = streamed(http, `/v1/events?${query}`, signal);
  try {
    let next = await stream.next();
    for (; !next.done; next = await stream.next()) yield* arrivals(next.value);
    if (runs.size) throw cut(next.value);
    yield { kind: "over" };
  } catch (error) {
    // What is wrong with a run is told in the stream: here it is the gateway that has none of this kind.
    const none = error instanceof LevadaError && (error.status === 404 || error.status === 405);
    throw none ? new Blocked({ status: error.status, detail: error.detail }) : error;
  } finally {
    await stream.return({ nothing: false, retry: undefined });
  }
}

/** Return what *messages* say, events of a run that came together as one. */
function arrivals(messages: readonly Message[]): RunArrival[] {
  const found: RunArrival[] = [];
  for (const { type, data } of messages) {
    const said = JSON.parse(data);
    const runId = String(said.runId);
    const before = found.at(-1);
    if (type === "gap") found.push({ kind: "gap", runId, oldest: Number(said.oldestSequence ?? 1) });
    else if (type === "ended") found.push({ kind: "ended", runId });
    else if (type === "refused") found.push({ kind: "refused", runId, problem: problemIn(said) });
    else if (before?.kind === "events" && before.runId === runId) (before.events as EventJson[]).push(said);
    else found.push({ kind: "events", runId, events: [said] });
  }
  return found.length ? found : [{ kind: "alive" }];
}

export async function* polled(http: Http, runs: Positions, signal: AbortSignal): AsyncGenerator<RunArrival> {
  const pages = new PollingTransport(http);
  while (runs.size) {
    for (const [runId, after] of [...runs]) yield* paged(pages, runId, after, signal);
    yield { kind: "alive" };
    await delay(PAUSE, signal);
    signal.throwIfAborted();
  }
  yield { kind: "over" };
}

async function* paged(
  pages: PollingTransport,
  runId: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<RunArrival> {
  try {
    const page = await pages.page(runId, after, 0, signal);
    if (typeof page === "number") {
      yield { kind: "gap", runId, oldest: page };
      return;
    }
    const events = page.events ?? [];
    if (events.length) yield { kind: "events", runId, events };
    const last = events.at(-1);
    if (page.ended && (!last || isTerminal(last))) yield { kind: "ended", runId };
  } catch (error) {
    if (!(error instanceof LevadaError) || passes(error)) throw error;
    yield { kind: "refused", runId, problem: error };
  }
}
