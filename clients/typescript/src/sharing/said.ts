// What the tabs of a browser say to each other so that one of them can read for all.
import type { ConnectionState } from "../connection.js";
import { LevadaError, type Problem } from "../errors.js";
import { isHidden } from "../visibility.js";
import type { RunArrival } from "./runs.js";

export type Said =
  /** Which runs a tab reads, and after which number it goes on. Said on every change, and every few seconds. */
  | { readonly kind: "wants"; readonly tab: string; readonly runs: Readonly<Record<string, number>> }
  /** The leader is there: how it is connected, and how far it is with each run. Answers every "wants". */
  | {
      readonly kind: "leading";
      readonly tab: string;
      readonly runs: Readonly<Record<string, number>>;
      readonly connection: Told;
      /** Whether its tab is hidden: browsers slow the timers of those down, so one that is seen leads better. */
      readonly hidden: boolean;
    }
  | { readonly kind: "connection"; readonly connection: Told }
  /** Somebody asked that the leader try again at once. */
  | { readonly kind: "hurry" }
  | Exclude<RunArrival, { readonly kind: "alive" | "over" }>;

/** A connection's state without instances of classes, which don't pass between tabs. */
export type Told =
  | { readonly kind: "retrying"; readonly at: number; readonly attempt: number; readonly why: Problem }
  | { readonly kind: "connecting" | "open" | "polling" | "paused" | "closed" };

export function told(state: ConnectionState): Told {
  if (state.kind === "retrying") return { ...state, why: problemOf(state.why) };
  return { kind: state.kind };
}

export function untold(state: Told): ConnectionState {
  return state.kind === "retrying" ? { ...state, why: new LevadaError(state.why) } : state;
}

export function problemOf({ status, detail, violations, metadata, reason, retryAfter }: Problem): Problem {
  return { status, detail, violations, metadata, reason, retryAfter };
}

/** Where tabs meet: the locks by which they choose a leader, and a channel on which each hears the others. */
export interface Meeting extends Place {
  /** What those who may read for each other call it. */
  readonly name: string;
}

export interface Place {
  /** Whether this tab is hidden. */
  hidden(): boolean;
  readonly locks: Pick<LockManager, "request">;
  open(name: string): Pick<BroadcastChannel, "postMessage" | "close" | "onmessage">;
}

/** Return where the tabs of this browser meet; undefined where they can't, as on pages without TLS. */
export function meeting(): Place | undefined {
  const locks = typeof navigator === "undefined" ? undefined : navigator.locks;
  if (!locks || typeof BroadcastChannel === "undefined") return undefined;
  return { locks, hidden: isHidden, open: (name) => new BroadcastChannel(name) };
}
