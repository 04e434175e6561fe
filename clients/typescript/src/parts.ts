// What a run's state is made of: steps, texts, queries, findings, what models and agents did.
import type { Collection } from "./collection.js";
import type { Reason } from "./errors.js";
import type { AgentInteractionJson } from "./levada/v1/event_pb.js";
import type { Category, Channel, ChartKind, Decision, FindingKind, InputKind, Severity } from "./words.js";

/**
 * A step: announced, under way or over. A failed one that is tried again is "running" from its next start on; one that
 * was under way when the run ended is "stopped".
 */
export interface Step {
  readonly path: string;
  readonly title: string;
  readonly icon: string;
  readonly category: Category | undefined;
  readonly state: "pending" | "running" | "done" | "failed" | "skipped" | "stopped";
  /** Whether it runs only when something calls for it. */
  readonly conditional: boolean;
  readonly attempt: number;
  /** What it does now, what came of it, or why it failed or was skipped. */
  readonly note: string;
  /** Whether another attempt was announced after this one failed. */
  readonly willRetry: boolean;
  readonly reason: Reason | undefined;
  /** How much of it is done, 0 to 1; undefined when that is unknown. */
  readonly fraction: number | undefined;
  /** How long earlier runs took for it; undefined without history. */
  readonly estimate: number | undefined;
  readonly startedAt: number | undefined;
  readonly duration: number | undefined;
  /** The run's progress when it begins, as announced. */
  readonly progress: number;
}

/** What was said on a channel by one attempt of a step. */
export interface Text {
  readonly step: string;
  readonly attempt: number;
  readonly channel: Channel;
  readonly text: string;
  readonly completed: boolean;
}

export interface SourceChoice {
  readonly source: string;
  readonly cause: string;
}

export interface LinkedValue {
  readonly words: string;
  readonly table: string;
  readonly column: string;
  readonly value: string;
}

export interface SchemaMatch {
  readonly step: string;
  readonly source: string;
  readonly tables: readonly string[];
  readonly tablesTotal: number;
  readonly columns: readonly string[];
  readonly linkedValues: readonly LinkedValue[];
  readonly similarQuestions: readonly string[];
  readonly definitions: readonly string[];
  readonly problems: readonly string[];
}

export interface Plan {
  readonly description: string;
  readonly validated: boolean;
  readonly estimate: number | undefined;
  /** By id. An operation that no plan named, the query's own, is here too. */
  readonly operations: Collection<Operation>;
}

export interface Operation {
  readonly id: string;
  readonly step: string;
  readonly source: string;
  readonly kind: string;
  readonly description: string;
  readonly dependsOn: readonly string[];
  /** What it asks its source; empty for those who may not see queries. */
  readonly text: string;
  /** What `text` is written in: "sql", or "json" for sources that are asked by documents. */
  readonly language: string;
  readonly state: "planned" | "running" | "done";
  readonly startedAt: number | undefined;
  readonly rows: number | undefined;
  readonly duration: number | undefined;
}

/** A query. `writing` while its text still comes; `repairs` names the query that it mends. */
export interface Query {
  /** Empty while it is being written. */
  readonly id: string;
  readonly step: string;
  readonly attempt: number;
  readonly source: string;
  readonly language: string;
  /** The query as its author wrote it, as far as it came. */
  readonly text: string;
  /** The text that runs, written anew from the checked tree; empty before that. */
  readonly validatedText: string;
  readonly state: "writing" | "proposed" | "validated" | "refused";
  readonly rule: string;
  /** Why it was refused, for people. */
  readonly message: string;
  readonly rowLimit: number | undefined;
  readonly explanation: string;
  readonly confidence: number | undefined;
  readonly unusedWords: readonly string[];
  /** A model's name, "offline", "repair" or "person". */
  readonly author: string;
  readonly repairs: string;
  readonly proposedAt: number | undefined;
}

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly label: string;
}

export interface Finding {
  readonly step: string;
  readonly kind: FindingKind | undefined;
  readonly text: string;
  readonly figures: readonly Figure[];
  readonly queryId: string;
  readonly severity: Severity | undefined;
}

export interface Chart {
  readonly step: string;
  readonly kind: ChartKind | undefined;
  /** Vega-Lite as JSON text, without data: bind the table's rows as "rows". Empty for "figure" and "table". */
  readonly vegaLite: string;
  readonly cause: string;
  readonly tableId: string;
  readonly title: string;
  readonly explanation: string;
}

export interface Remark {
  readonly step: string;
  readonly text: string;
}

export interface InputRequest {
  readonly id: string;
  readonly step: string;
  readonly kind: InputKind | undefined;
  readonly prompt: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly query: string;
  readonly language: string;
}

export interface InputReceived {
  readonly id: string;
  readonly by: string;
  readonly decision: Decision | undefined;
  readonly text: string;
}

export interface ModelCall {
  readonly step: string;
  /** Attempt of the step; `attempt` is the call's own. */
  readonly stepAttempt: number;
  readonly provider: string;
  readonly model: string;
  readonly role: string;
  readonly prompt: string;
  readonly response: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  readonly costUsd: number | undefined;
  readonly duration: number;
  readonly timeToFirstToken: number | undefined;
  readonly finishReason: string;
  readonly template: string;
  readonly attempt: number;
  readonly problem: string;
  readonly fromCache: boolean;
  readonly estimated: boolean;
  /** When it was told, which is when the call ended: by the server's clock. */
  readonly at: number | undefined;
}

export interface Agent {
  readonly name: string;
  readonly step: string;
  readonly role: string;
  readonly state: "running" | "done";
  readonly text: string;
  readonly partial: boolean;
  readonly duration: number | undefined;
  readonly citations: readonly string[];
}

export interface Interaction {
  readonly step: string;
  readonly from: string;
  readonly to: string;
  readonly query: string;
  readonly response: string;
  readonly duration: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Prompts and context; undefined for those who may not see them. */
  readonly metadata: AgentInteractionJson["metadata"] | undefined;
}

/** A round of a workflow. */
export interface Iteration {
  readonly number: number;
  readonly depth: number;
  readonly completed: boolean;
  readonly tasksCompleted: number;
  readonly tasksTotal: number;
  /** What was decided at its end, and why. */
  readonly decision: string;
}

export interface Task {
  readonly id: string;
  readonly step: string;
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly priority: number;
  readonly iteration: number;
  readonly cause: string;
  /** What is to be found out. */
  readonly objective: string;
  /** The task that it is a part of, or whose result called for it; empty in the first plan. */
  readonly parent: string;
}

/** Something that was looked at in what a step made. */
export interface QualityCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly message: string;
}

export interface Quality {
  readonly step: string;
  readonly checks: readonly QualityCheck[];
}

/** What came of making an exercise. */
export interface Assessment {
  readonly success: boolean;
  readonly differentiationAchieved: boolean;
  readonly totalAttempts: number;
  /** The step, 1 to 7, that was the last. */
  readonly stoppedAtStep: number;
  /** The judge's last score, 1 to 10; 0 when none was given. */
  readonly qualityScore: number;
  readonly difficulty: string;
  readonly subTopic: string;
  readonly exercise: Exercise | undefined;
  /** Why there is none. */
  readonly message: string;
}

/** A text with errors to be found: each is marked once in its lines as <<its id>>. */
export interface Exercise {
  readonly title: string;
  readonly difficulty: string;
  readonly contentType: string;
  readonly content: readonly string[];
  readonly errors: readonly { readonly id: string; readonly description: string }[];
}
