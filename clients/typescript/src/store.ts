// One run, followed: a store that reads while somebody listens, and shows a new snapshot at most once per frame.
import type { Answer, RunStore, Snapshot } from "./api.js";
import type { ConnectionState } from "./connection.js";
import { connectionError, type LevadaError } from "./errors.js";
import type { Schedule } from "./frame.js";
import { Intake } from "./intake.js";
import type { EventJson } from "./levada/v1/event_pb.js";
import type { RunState } from "./state.js";
import type { Watching } from "./watch.js";

/** What a store needs of its client. */
export interface StoreParts {
  watch(watching: Watching): AsyncIterable<readonly EventJson[]>;
  cancel(runId: string, cause?: string): Promise<unknown>;
  pause(runId: string): Promise<unknown>;
  resume(runId: string): Promise<unknown>;
  respond(runId: string, answer: Answer): Promise<unknown>;
  now(): number;
  /** Called when somebody begins to listen, and some time after nobody does any more. */
  active(store: Store): void;
  idle(store: Store): void;
  readonly pauseWhenHidden: boolean;
  readonly schedule?: Schedule;
}

// Components come and go within moments, for instance when a page is left for another: the connection outlives that.
const LINGER = 3_000;
const CLOSED: ConnectionState = { kind: "closed" };

export class Store implements RunStore {
  readonly runId: string;
  readonly #parts: StoreParts;
  readonly #intake: Intake;
  readonly #listeners = new Set<() => void>();
  #snapshot: Snapshot;
  #connection: ConnectionState = { kind: "connecting" };
  #error: LevadaError | undefined;
  #reading: AbortController | undefined;
  #goOn: () => void = () => undefined;
  #leaving: ReturnType<typeof setTimeout> | undefined;

  constructor(state: RunState, parts: StoreParts) {
    this.runId = state.runId;
    this.#parts = parts;
    if (state.end) this.#connection = CLOSED;
    this.#snapshot = { state, connection: this.#connection, error: undefined };
    this.#intake = new Intake(state, () => this.#publish(), parts.schedule);
    // Whoever opens a store may go before listening, as components do that are never shown.
    if (!state.end) this.#leave();
  }

  subscribe = (listener: () => void): (() => void) => {
    // A function of its own each time, so that the same listener may subscribe twice.
    const own = () => listener();
    this.#listeners.add(own);
    clearTimeout(this.#leaving);
    this.#parts.active(this);
    this.#start();
    return () => {
      this.#listeners.delete(own);
      if (!this.#listeners.size) this.#leave();
    };
  };

  getSnapshot = (): Snapshot => this.#snapshot;

  ended(): Promise<RunState> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const { state, connection } = this.#snapshot;
        if (state.end) resolve(state);
        else if (connection.kind !== "closed") return;
        else reject(connection.error ?? connectionError(undefined));
        unsubscribe();
      };
      const unsubscribe = this.subscribe(look);
      look();
    });
  }

  now(): number {
    return this.#parts.now();
  }

  cancel(cause?: string): Promise<void> {
    return this.#steered(this.#parts.cancel(this.runId, cause));
  }

  pause(): Promise<void> {
    return this.#steered(this.#parts.pause(this.runId));
  }

  resume(): Promise<void> {
    return this.#steered(this.#parts.resume(this.runId));
  }

  respond(answer: Answer): Promise<void> {
    return this.#steered(this.#parts.respond(this.runId, answer));
  }

  reconnect(): void {
    this.#goOn();
    if (this.#listeners.size) this.#start();
  }

  close(): void {
    clearTimeout(this.#leaving);
    this.#reading?.abort();
    this.#reading = undefined;
    this.#parts.idle(this);
  }

  #leave(): void {
    clearTimeout(this.#leaving);
    if (this.#snapshot.state.end) this.close();
    else this.#leaving = setTimeout(() => this.close(), LINGER);
  }

  #start(): void {
    if (this.#reading || this.#intake.state.end) return;
    this.#reading = new AbortController();
    this.#connection = { kind: "connecting" };
    this.#error = undefined;
    this.#snapshot = { ...this.#snapshot, connection: this.#connection, error: undefined };
    void this.#read(this.#reading.signal);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { runId } = this;
    const { pauseWhenHidden } = this.#parts;
    const after = this.#intake.state.sequence;
    const onConnection = (state: ConnectionState) => this.#connected(state, signal);
    const onWaiting = (goOn: () => void) => {
      this.#goOn = goOn;
    };
    try {
      const batches = this.#parts.watch({ runId, after, signal, onConnection, onWaiting, pauseWhenHidden });
      for await (const events of batches) await this.#intake.add(events);
    } catch (error) {
      await this.#connected({ kind: "closed", error: connectionError(error) }, signal);
    }
    if (this.#reading?.signal === signal) this.#reading = undefined;
  }

  // That the stream closed is told once its last event is shown: an end that nobody sees yet is none.
  async #connected(state: ConnectionState, signal: AbortSignal): Promise<void> {
    if (state.kind === "closed") await this.#intake.drained();
    if (signal.aborted) return;
    this.#connection = state;
    if (state.kind === "closed") this.#error = state.error ?? this.#error;
    if (state.kind === "open" || state.kind === "polling") this.#error = undefined;
    this.#intake.touch();
  }

  #failed(error: unknown): void {
    this.#error = connectionError(error);
    this.#intake.touch();
  }

  async #steered(call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  #publish(): void {
    const { state } = this.#intake;
    const [connection, error] = [state.end ? CLOSED : this.#connection, this.#error];
    const { state: before, connection: connected, error: failed } = this.#snapshot;
    if (state === before && connection === connected && error === failed) return;
    this.#snapshot = { state, connection, error };
    for (const listener of [...this.#listeners]) listener();
  }
}
