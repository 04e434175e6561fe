// The client: calls to the gateway, and the runs that are followed.
import type * as api from "./api.js";
import { Backoff, delay } from "./backoff.js";
import { RunCache } from "./cache.js";
import { LevadaError, passes } from "./errors.js";
import { Http, type Request } from "./http.js";
import type { ModelJson, PipelineJson, SchemaJson, SourceJson } from "./levada/v1/catalog_pb.js";
import type { RefreshSourceResponseJson } from "./levada/v1/catalog_service_pb.js";
import type { EventJson } from "./levada/v1/event_pb.js";
import type { ClassifyResponseJson } from "./levada/v1/query_service_pb.js";
import type { RunJson, RunRequestJson } from "./levada/v1/run_pb.js";
import type { ForkRunRequestJson } from "./levada/v1/run_service_pb.js";
import { initialState } from "./reduce/index.js";
import { Store } from "./store.js";
import type { Transport } from "./transport/arrival.js";
import { transportsOf } from "./transport/choose.js";
import { watch } from "./watch.js";

/** Connect to a gateway. Nothing is sent before something is asked for. */
export function connect(options: api.ConnectOptions = {}): api.Client {
  return new LevadaClient(options);
}

// How long a call that is safe to repeat is repeated, in milliseconds of waiting.
const PATIENCE = 5_000;

class LevadaClient implements api.Client {
  readonly #http: Http;
  readonly #transports: readonly Transport[];
  readonly #cache: RunCache;
  readonly #stores = new Map<string, Store>();
  readonly #over = new AbortController();

  constructor(options: api.ConnectOptions) {
    this.#http = new Http(options);
    this.#transports = transportsOf(this.#http, options);
    this.#cache = new RunCache(options.cacheCells === undefined ? {} : { mostCells: options.cacheCells });
  }

  create(ask: api.Ask, options: api.CreateOptions = {}): Promise<api.Created> {
    const request: RunRequestJson = typeof ask === "string" ? { question: ask } : ask;
    return this.#make("/v1/runs", request, options.idempotencyKey ?? request.requestId, options);
  }

  async ask(ask: api.Ask, options: api.CreateOptions & api.StoreOptions = {}): Promise<api.RunStore> {
    const { run } = await this.create(ask, options);
    return this.#opened(run.runId ?? "", options, run.request?.question);
  }

  async *watch(runId: string, options: api.WatchOptions = {}): AsyncGenerator<EventJson> {
    const { signal } = options;
    const batches = watch(this.#transports, { runId, ...options, signal: this.#until(signal) });
    for await (const events of batches) yield* events;
  }

  open(runId: string, options: api.StoreOptions = {}): api.RunStore {
    return this.#opened(runId, options);
  }

  get(runId: string, options?: api.CallOptions): Promise<RunJson> {
    return this.#run(this.#read(`/v1/runs/${segment(runId)}`, options));
  }

  async list(options: api.ListOptions = {}): Promise<api.RunPage> {
    const query = new URLSearchParams();
    if (options.pageSize) query.set("pageSize", String(options.pageSize));
    if (options.pageToken) query.set("pageToken", options.pageToken);
    if (options.conversationId) query.set("conversationId", options.conversationId);
    for (const state of options.states ?? []) query.append("states", state);
    const page = await this.#read<Partial<api.RunPage>>(`/v1/runs?${query}`, options);
    return { runs: page.runs ?? [], nextPageToken: page.nextPageToken ?? "" };
  }

  cancel(runId: string, cause?: string, options?: api.CallOptions): Promise<RunJson> {
    return this.#steer(runId, "cancel", cause ? { cause } : {}, options);
  }

  pause(runId: string, options?: api.CallOptions): Promise<RunJson> {
    return this.#steer(runId, "pause", {}, options);
  }

  resume(runId: string, options?: api.CallOptions): Promise<RunJson> {
    return this.#steer(runId, "resume", {}, options);
  }

  respond(runId: string, { inputId, decision, text }: api.Answer, options?: api.CallOptions): Promise<RunJson> {
    const answer = { inputId, text, decision: decision && `DECISION_${decision.toUpperCase()}` };
    return this.#steer(runId, "respond", answer, options);
  }

  fork(runId: string, edits: Omit<ForkRunRequestJson, "runId">, options: api.CreateOptions = {}): Promise<api.Created> {
    const key = options.idempotencyKey ?? edits.requestId;
    return this.#make(`/v1/runs/${segment(runId)}:fork`, edits, key, options);
  }

  classify(question: string, sources: readonly string[] = [], options?: api.CallOptions) {
    return this.#http.json<ClassifyResponseJson>("/v1/classify", posted({ question, sources }, options));
  }

  async pipelines(options?: api.CallOptions): Promise<readonly PipelineJson[]> {
    return (await this.#read<{ pipelines?: PipelineJson[] }>("/v1/pipelines", options)).pipelines ?? [];
  }

  async sources(options?: api.CallOptions): Promise<readonly SourceJson[]> {
    return (await this.#read<{ sources?: SourceJson[] }>("/v1/sources", options)).sources ?? [];
  }

  async source(name: string, options?: api.CallOptions): Promise<SchemaJson> {
    return (await this.#read<{ schema?: SchemaJson }>(`/v1/sources/${segment(name)}`, options)).schema ?? {};
  }

  refresh(source: string, options?: api.CallOptions): Promise<RefreshSourceResponseJson> {
    return this.#http.json(`/v1/sources/${segment(source)}:refresh`, posted({}, options));
  }

  async models(options?: api.CallOptions): Promise<readonly ModelJson[]> {
    return (await this.#read<{ models?: ModelJson[] }>("/v1/models", options)).models ?? [];
  }

  exportUrl(runId: string, { format, tableId, spreadsheet }: api.ExportOptions): string {
    const query = new URLSearchParams({ format });
    if (tableId) query.set("table", tableId);
    if (spreadsheet) query.set("spreadsheet", "true");
    return this.#http.url(`/v1/runs/${segment(runId)}/export?${query}`);
  }

  async export(runId: string, options: api.ExportOptions & api.CallOptions): Promise<Blob> {
    const path = this.exportUrl(runId, options).slice(this.#http.url("").length);
    return (await this.#http.send(path, { headers: { Accept: "*/*" }, signal: options.signal })).blob();
  }

  close(): void {
    this.#over.abort();
    for (const store of [...this.#stores.values()]) store.close();
    this.#cache.clear();
  }

  #opened(runId: string, { pauseWhenHidden = false }: api.StoreOptions, question?: string): Store {
    const known = this.#stores.get(runId);
    if (known) return known;
    const state = this.#cache.get(runId) ?? initialState(runId, question);
    const store = new Store(state, {
      watch: (watching) => watch(this.#transports, { ...watching, signal: this.#until(watching.signal) }),
      cancel: (id, cause) => this.cancel(id, cause),
      pause: (id) => this.pause(id),
      resume: (id) => this.resume(id),
      respond: (id, answer) => this.respond(id, answer),
      now: () => this.#http.now(),
      active: (active) => this.#stores.set(runId, active),
      idle: (idle) => this.#rest(idle),
      pauseWhenHidden,
    });
    if (!state.end) this.#stores.set(runId, store);
    return store;
  }

  // What was read of a run is kept, so that whoever opens it again goes on from there.
  #rest(store: Store): void {
    if (this.#stores.get(store.runId) === store) this.#stores.delete(store.runId);
    if (!this.#over.signal.aborted) this.#cache.put(store.getSnapshot().state);
  }

  #until(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.#over.signal]) : this.#over.signal;
  }

  async #run(answer: Promise<{ run?: RunJson }>): Promise<RunJson> {
    return (await answer).run ?? {};
  }

  #steer(runId: string, verb: string, body: object, options?: api.CallOptions): Promise<RunJson> {
    return this.#run(this.#http.json(`/v1/runs/${segment(runId)}:${verb}`, posted(body, options)));
  }

  async #make(path: string, body: object, key = randomKey(), { signal }: api.CallOptions = {}): Promise<api.Created> {
    // A call whose answer was lost is repeated with the same key, which gives the same run.
    const request = { ...posted(body, { signal }), headers: { "Idempotency-Key": key } };
    const call = () => this.#http.answered<{ run?: RunJson }>(path, request);
    const { status, body: answer } = await this.#repeated(call, signal);
    return { run: answer.run ?? {}, existed: status === 200 };
  }

  #read<Answer>(path: string, { signal }: api.CallOptions = {}): Promise<Answer> {
    return this.#repeated(() => this.#http.json<Answer>(path, { signal }), signal);
  }

  async #repeated<Answer>(call: () => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
    const backoff = new Backoff({ first: 200, longest: 2_000, patience: PATIENCE });
    for (;;) {
      try {
        return await call();
      } catch (error) {
        const again = error instanceof LevadaError && passes(error) && error.status !== 429;
        const wait = again ? backoff.next(error.retryAfter) : undefined;
        if (wait === undefined) throw error;
        await delay(wait, signal);
        signal?.throwIfAborted();
      }
    }
  }
}

function posted(body: unknown, options: api.CallOptions = {}): Request {
  return { method: "POST", body, signal: options.signal };
}

function segment(text: string): string {
  return encodeURIComponent(text);
}

// crypto.randomUUID is missing on pages without TLS.
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
