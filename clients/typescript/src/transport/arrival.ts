// What the ways of reading events have in common: what arrives, and the interface behind which they stand.
import type { ConnectionState } from "../connection.js";
import { LevadaError } from "../errors.js";
import type { EventJson } from "../levada/v1/event_pb.js";

export type Arrival =
  /** A sign of life; the first one says that the connection stands. */
  | { readonly kind: "alive" }
  | { readonly kind: "events"; readonly events: readonly EventJson[] }
  /** Events before number `oldest` are no longer held. */
  | { readonly kind: "gap"; readonly oldest: number }
  /** There is nothing after the number that was asked for, and never will be. */
  | { readonly kind: "over" }
  /** How somebody who reads for us is connected. */
  | { readonly kind: "connection"; readonly state: ConnectionState };

export interface Transport {
  /** How a reader is connected while this works. */
  readonly kind: "open" | "polling";
  /**
   * Read the run's events after a number, until the connection ends, for whatever reason. Raises LevadaError, Blocked
   * where this way of reading does not work here.
   */
  read(runId: string, after: number, signal: AbortSignal): AsyncIterable<Arrival>;
  /** Let whoever reads for us, and waits before trying again, try at once. */
  hurry?(): void;
}

/** This way of reading is not possible here: something on the way keeps the stream back. */
export class Blocked extends LevadaError {
  override name = "Blocked";
}

/** Return the oldest number still held, where an error says that the cursor is too old. */
export function oldestHeld(error: unknown): number | undefined {
  if (!(error instanceof LevadaError) || error.reason !== "CURSOR_EXPIRED") return undefined;
  const oldest = Number(error.metadata.oldest_sequence);
  return Number.isFinite(oldest) ? oldest : undefined;
}

export function pathOf(runId: string): string {
  return `/v1/runs/${encodeURIComponent(runId)}/events`;
}
