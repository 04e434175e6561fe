/** Reads the runs that ended last, a few at a time, without keeping their rows. */
import { type Client, initialState, type RunState, reduce } from "@levada/client";

const AT_ONCE = 3;
const OVER = ["RUN_STATE_COMPLETED", "RUN_STATE_FAILED", "RUN_STATE_CANCELLED"] as const;

export interface Recent {
  states: readonly RunState[];
  /** How many could not be read any more. */
  unread: number;
}

/** Return the states of the *last* runs that ended; once *signal* is aborted nothing more is asked for. */
export async function recentStates(client: Client, last: number, signal: AbortSignal): Promise<Recent> {
  const { runs } = await client.list({ pageSize: last, states: OVER, signal });
  const waiting = runs.map((run) => run.runId ?? "");
  const states: RunState[] = [];
  let unread = 0;
  const read = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const state = await stateOf(client, id, signal).catch(() => undefined);
      signal.throwIfAborted();
      if (state) states.push(state);
      else unread += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, read));
  return { states, unread };
}

async function stateOf(client: Client, runId: string, signal: AbortSignal): Promise<RunState> {
  let state = initialState(runId);
  for await (const event of client.watch(runId, { signal })) if (!event.tableRows) state = reduce(state, event);
  return state;
}
