// What goes wrong, as one class for callers: RFC 9457 problems, connections that break, streams that were cut.
import type { Reason } from "./state.js";

export interface Problem {
  readonly status?: number;
  readonly reason?: Reason;
  readonly title?: string;
  readonly detail?: string;
  /** Field by field, what is wrong with the request. */
  readonly violations?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Milliseconds until trying again makes sense. */
  readonly retryAfter?: number;
}

export class LevadaError extends Error {
  override name = "LevadaError";
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly reason: Reason | undefined;
  /** What happened, for people. */
  readonly detail: string;
  readonly violations: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, options?: ErrorOptions) {
    const detail = problem.detail ?? problem.title ?? "The server could not be reached.";
    super(detail, options);
    this.status = problem.status ?? 0;
    this.reason = problem.reason;
    this.detail = detail;
    this.violations = problem.violations ?? {};
    this.metadata = problem.metadata ?? {};
    this.retryAfter = problem.retryAfter;
  }
}

/** A stream ended without its terminal event and could not be taken up again: the run may well go on. */
export class Interrupted extends LevadaError {
  override name = "Interrupted";
}
