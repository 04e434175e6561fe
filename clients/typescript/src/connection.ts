// How the reader of a run is connected, in words that a page can show.
import type { LevadaError } from "./errors.js";

export type ConnectionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  /** Lost; the next try (the *attempt*th in a row) is made at `at`, in milliseconds as Date.now() counts. */
  | { readonly kind: "retrying"; readonly at: number; readonly attempt: number; readonly why: LevadaError }
  /** Streams are blocked on the way: events are asked for page by page. */
  | { readonly kind: "polling" }
  /** The tab is hidden, or the caller rests; reading goes on from the same place. */
  | { readonly kind: "paused" }
  /** Nothing more will come: the run ended, the reader was closed, or `error` says what went wrong. */
  | { readonly kind: "closed"; readonly error?: LevadaError };
