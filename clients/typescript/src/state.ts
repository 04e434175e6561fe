// A run as it looks now: what `reduce` folds its events into. Everything here is immutable; times are in milliseconds.
import type { Collection } from "./collection.js";
import type { Reason } from "./errors.js";
import type {
  Agent,
  Assessment,
  Chart,
  Finding,
  InputReceived,
  InputRequest,
  Interaction,
  Iteration,
  ModelCall,
  Plan,
  Quality,
  Query,
  Remark,
  SchemaMatch,
  SourceChoice,
  Step,
  Task,
  Text,
} from "./parts.js";
import type { Table } from "./table.js";
import type { Outcome } from "./words.js";

export type * from "./parts.js";

/** Where a run is. The last three are ends. */
export type Phase = "queued" | "running" | "waiting" | "paused" | "completed" | "failed" | "cancelled";

export interface RunState {
  readonly runId: string;
  /** Number of the last event taken in; 0 before the first. */
  readonly sequence: number;
  readonly phase: Phase;
  readonly question: string;
  readonly pipeline: string;
  /** Why the pipeline was chosen, where the run was to choose one. */
  readonly pipelineCause: string;
  /** Place in the queue, 1 is next; 0 unless queued. */
  readonly position: number;
  /** 0 to 1, never falling. */
  readonly progress: number;
  readonly traceId: string;
  /** Time of the first event, of `started`, and of the last event: by the server's clock. */
  readonly createdAt: number | undefined;
  readonly startedAt: number | undefined;
  readonly lastAt: number | undefined;
  readonly forkedFrom: string;
  readonly keptSteps: readonly string[];
  /** Who asked that it rest; empty unless paused. */
  readonly pausedBy: string;
  /** Why it went on, until the next step is done: "resumed", "worker lost", "server stopped", "waited". */
  readonly resumedCause: string;
  /** Steps that began (or were skipped), in that order. */
  readonly begun: Collection<Step>;
  /** Steps that were announced and have not begun. */
  readonly pending: Collection<Step>;
  /** Texts by step and channel, but for queries that were proposed: see `textOf`. */
  readonly texts: Collection<Text>;
  readonly sources: readonly SourceChoice[];
  /** What of each source matters, by its name. */
  readonly schemas: Collection<SchemaMatch>;
  readonly plan: Plan;
  /** Queries as they were proposed, by id. */
  readonly queries: Collection<Query>;
  /** Queries being written, by step: no id yet. */
  readonly drafts: Collection<Query>;
  /** Tables by id. */
  readonly tables: Collection<Table>;
  readonly findings: Collection<Finding>;
  readonly charts: Collection<Chart>;
  readonly followUps: readonly string[];
  /** What is worth knowing to the end, for instance that another model took over. */
  readonly remarks: Collection<Remark>;
  /** What a person is asked; undefined when nothing is, or after it was answered. */
  readonly input: InputRequest | undefined;
  /** What people answered, newest last. */
  readonly answers: readonly InputReceived[];
  /** Calls of language models, only told to callers who may see prompts; earlier attempts' stay. */
  readonly modelCalls: Collection<ModelCall>;
  readonly agents: Collection<Agent>;
  readonly interactions: Collection<Interaction>;
  /** Rounds of a workflow, by their number. */
  readonly iterations: Collection<Iteration>;
  readonly tasks: Collection<Task>;
  /** What was looked at in what a step made, by the step. */
  readonly qualities: Collection<Quality>;
  /** What came of making an exercise; undefined where none was to be made, or not yet. */
  readonly assessment: Assessment | undefined;
  /** How it ended; undefined while it has not. */
  readonly end: End | undefined;
  /** What readers could not be told, since it is no longer held: numbers from..to. */
  readonly gaps: readonly Gap[];
  /** What the current attempt of each step said, so that it can be dropped once the attempt is superseded. */
  readonly said: Collection<Said>;
}

export interface Totals {
  readonly duration: number;
  readonly rows: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number | undefined;
}

export type End =
  | {
      readonly kind: "completed";
      readonly outcome: Outcome | undefined;
      readonly summary: string;
      /** What the run would have asked, where nobody was there to answer. */
      readonly clarification: InputRequest | undefined;
      readonly totals: Totals;
    }
  | {
      readonly kind: "failed";
      readonly reason: Reason;
      readonly message: string;
      readonly tried: readonly string[];
      readonly retryable: boolean;
      readonly totals: Totals;
    }
  | { readonly kind: "cancelled"; readonly by: string; readonly cause: string; readonly totals: Totals };

/** An attempt and its output, newest first. */
export interface Said {
  readonly attempt: number;
  readonly output: Output | undefined;
}

export interface Output {
  readonly kind: OutputKind;
  readonly key: string;
  readonly before: Output | undefined;
}

export type OutputKind =
  | "texts"
  | "schemas"
  | "operations"
  | "queries"
  | "drafts"
  | "tables"
  | "findings"
  | "charts"
  | "followUps"
  | "remarks"
  | "agents"
  | "interactions"
  | "tasks"
  | "qualities";

export interface Gap {
  readonly from: number;
  readonly to: number;
}
