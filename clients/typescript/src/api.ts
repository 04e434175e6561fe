// What the client offers, as types: the functions of `connect(...)` and the store of one run.
import type { ConnectionState } from "./connection.js";
import type { LevadaError } from "./errors.js";
import type { ModelJson, PipelineJson, SchemaJson, SourceJson } from "./levada/v1/catalog_pb.js";
import type { RefreshSourceResponseJson } from "./levada/v1/catalog_service_pb.js";
import type { EventJson } from "./levada/v1/event_pb.js";
import type { ClassifyResponseJson } from "./levada/v1/query_service_pb.js";
import type { RunJson, RunRequestJson, RunStateJson } from "./levada/v1/run_pb.js";
import type { ForkRunRequestJson } from "./levada/v1/run_service_pb.js";
import type { RunState } from "./state.js";
import type { Decision } from "./words.js";

export interface ConnectOptions {
  /** Where the gateway is. If left out, where the page came from. */
  readonly baseUrl?: string;
  /** A bearer token, or what gives one; asked anew, once, when it was refused. */
  readonly token?: string | (() => string | Promise<string>);
  readonly fetch?: typeof fetch;
  /** How events come. "auto" streams, and polls where streams are blocked. */
  readonly transport?: "auto" | "fetch" | "event-source" | "polling";
  /**
   * Whether the tabs of this browser share one connection; off if left out. Only tabs that read as the same user may:
   * where a token is made by a function, they do once the user is named here.
   */
  readonly shared?: boolean | string;
  /** Finished runs to keep, in cells of their tables. */
  readonly cacheCells?: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface WatchOptions extends CallOptions {
  /** Go on after this event's number. */
  readonly after?: number;
  readonly onConnection?: (state: ConnectionState) => void;
  /** Whether a hidden tab stops reading until it is seen again. Off if left out. */
  readonly pauseWhenHidden?: boolean;
}

export interface CreateOptions extends CallOptions {
  /** Makes creating safe to repeat. If left out, one is made up, so that a lost answer makes no second run. */
  readonly idempotencyKey?: string;
}

export interface Created {
  readonly run: RunJson;
  /** Whether the key was known, so that this is the earlier run. */
  readonly existed: boolean;
}

export interface ListOptions extends CallOptions {
  readonly pageSize?: number;
  readonly pageToken?: string;
  readonly states?: readonly RunStateJson[];
  readonly conversationId?: string;
}

export interface RunPage {
  readonly runs: readonly RunJson[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

export interface Answer {
  readonly inputId: string;
  readonly decision?: Decision;
  readonly text?: string;
}

export type ExportFormat = "csv" | "jsonl" | "parquet" | "arrow";

export interface ExportOptions {
  readonly format: ExportFormat;
  readonly tableId?: string;
  /** CSV for a spreadsheet: nothing in it is taken for a formula. */
  readonly spreadsheet?: boolean;
}

/** A question, or all that can be said about what the run is to do. */
export type Ask = string | RunRequestJson;

export interface Client {
  create(ask: Ask, options?: CreateOptions): Promise<Created>;
  /** Create a run and open its store. */
  ask(ask: Ask, options?: CreateOptions & StoreOptions): Promise<RunStore>;
  /** The run's events, each once and in order, up to the terminal one. Throws LevadaError. */
  watch(runId: string, options?: WatchOptions): AsyncIterableIterator<EventJson>;
  /** The run as a store that follows it. The same store while somebody holds it; finished runs are kept a while. */
  open(runId: string, options?: StoreOptions): RunStore;
  get(runId: string, options?: CallOptions): Promise<RunJson>;
  list(options?: ListOptions): Promise<RunPage>;
  cancel(runId: string, cause?: string, options?: CallOptions): Promise<RunJson>;
  pause(runId: string, options?: CallOptions): Promise<RunJson>;
  resume(runId: string, options?: CallOptions): Promise<RunJson>;
  respond(runId: string, answer: Answer, options?: CallOptions): Promise<RunJson>;
  fork(runId: string, edits: Omit<ForkRunRequestJson, "runId">, options?: CreateOptions): Promise<Created>;
  classify(question: string, sources?: readonly string[], options?: CallOptions): Promise<ClassifyResponseJson>;
  pipelines(options?: CallOptions): Promise<readonly PipelineJson[]>;
  sources(options?: CallOptions): Promise<readonly SourceJson[]>;
  source(name: string, options?: CallOptions): Promise<SchemaJson>;
  refresh(source: string, options?: CallOptions): Promise<RefreshSourceResponseJson>;
  models(options?: CallOptions): Promise<readonly ModelJson[]>;
  exportUrl(runId: string, options: ExportOptions): string;
  /** The rows as a file; fails when the table is not whole. */
  export(runId: string, options: ExportOptions & CallOptions): Promise<Blob>;
  /** Close every store and the connection shared with other tabs. */
  close(): void;
}

export interface StoreOptions {
  readonly pauseWhenHidden?: boolean;
}

/** What a store shows at one moment. A new object only when something changed. */
export interface Snapshot {
  readonly state: RunState;
  readonly connection: ConnectionState;
  /** Why watching or steering the run failed last; undefined when nothing did. */
  readonly error: LevadaError | undefined;
}

/** One run, followed: made for `useSyncExternalStore(store.subscribe, store.getSnapshot)`. */
export interface RunStore {
  readonly runId: string;
  /** Call *listener* after changes, at most once per animation frame. Reading goes on while anybody listens. */
  subscribe(this: void, listener: () => void): () => void;
  getSnapshot(this: void): Snapshot;
  /** The state once the run has ended. Rejects when it can't be followed to its end. */
  ended(): Promise<RunState>;
  cancel(cause?: string): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  respond(answer: Answer): Promise<void>;
  /** Now by the server's clock, to be held against a state's times. */
  now(): number;
  /** Try again at once where a connection is waited for. */
  reconnect(): void;
  close(): void;
}
