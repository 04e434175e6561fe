// What goes wrong, as one class for callers: RFC 9457 problems, connections that break, streams that were cut.
import type { ErrorReasonJson } from "./levada/v1/error_reason_pb.js";

/** An error's reason without its prefix, for instance "QUERY_REFUSED". */
export type Reason = ErrorReasonJson extends `ERROR_REASON_${infer Word}` ? Word : never;

export interface Problem {
  readonly status?: number | undefined;
  readonly reason?: Reason | undefined;
  readonly detail?: string | undefined;
  /** Field by field, what is wrong with the request. */
  readonly violations?: Readonly<Record<string, string>> | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds until trying again makes sense. */
  readonly retryAfter?: number | undefined;
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
    const detail = problem.detail ?? "The server could not be reached.";
    super(detail, options);
    this.status = problem.status ?? 0;
    this.reason = problem.reason;
    this.detail = detail;
    this.violations = problem.violations ?? {};
    this.metadata = problem.metadata ?? {};
    this.retryAfter = problem.retryAfter;
  }
}

/** What an interruption is called between tabs, where its class does not pass. */
export const INTERRUPTED = "STREAM_INTERRUPTED";

/** A stream ended without its terminal event and could not be taken up again: the run may well go on. */
export class Interrupted extends LevadaError {
  override name = "Interrupted";
}

/** Return the error that an answer tells of: an RFC 9457 problem, or whatever something on the way said instead. */
export async function errorOf(response: Response): Promise<LevadaError> {
  const { status } = response;
  const retryAfter = waitOf(response.headers.get("retry-after"));
  const problem = problemIn(await response.json().catch(() => undefined));
  const detail = problem.detail ?? `The server answered with status ${status}.`;
  return new LevadaError({ ...problem, status, detail, retryAfter });
}

/** Return the problem that *told* is, member by member, whatever else it may be. */
export function problemIn(told: unknown): Problem {
  const problem: Record<string, unknown> = typeof told === "object" && told !== null ? { ...told } : {};
  return {
    status: typeof problem.status === "number" ? problem.status : undefined,
    detail: textIn(problem, "detail") ?? textIn(problem, "title"),
    reason: textIn(problem, "reason") as Reason | undefined,
    violations: violationsOf(problem.violations),
    metadata: problem.metadata as Record<string, string> | undefined,
  };
}

/** Return *error* as one of ours: what else fails while an answer is awaited is that none came. */
export function connectionError(error: unknown): LevadaError {
  if (error instanceof LevadaError) return error;
  return new LevadaError({ detail: "The server could not be reached." }, { cause: error });
}

/** Whether the same may work in a moment. */
export function passes(error: LevadaError): boolean {
  const { status } = error;
  return status === 0 || status === 408 || status === 429 || status === 502 || status === 503 || status === 504;
}

function textIn(problem: Record<string, unknown>, name: string): string | undefined {
  const value = problem[name];
  return typeof value === "string" && value ? value : undefined;
}

function violationsOf(told: unknown): Record<string, string> | undefined {
  if (!Array.isArray(told)) return undefined;
  return Object.fromEntries(told.map(({ field, description }) => [String(field), String(description)]));
}

/** Return the milliseconds that Retry-After says, which is seconds or a date. */
function waitOf(header: string | null): number | undefined {
  if (!header) return undefined;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
