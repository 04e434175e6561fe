// The tab that reads for all of them: one connection for every run that any tab wants.
import { LevadaError, type Problem } from "../errors.js";
import type { Http } from "../http.js";
import { persist, type Way } from "../persist.js";
import { MOST_RUNS, polled, type RunArrival, streamedRuns } from "./runs.js";
import { problemOf, type Said, type Told, told } from "./said.js";

// Tabs say what they want within moments of each other: the connection is made once they have.
const GATHERING = 50;
// A tab that has not been heard of for so long is gone. Hidden ones speak once a minute.
const GONE = 180_000;

const REFUSED = 1_000;
const TOO_MANY: Problem = { status: 429, reason: "TOO_MANY_STREAMS", detail: "Too many runs are watched at once." };

/** What the leader needs of its tab. */
interface Part {
  readonly tab: string;
  hidden(): boolean;
  say(said: Said): void;
}

export class Leader {
  readonly #http: Http;
  readonly #part: Part;
  readonly #wants = new Map<string, { runs: Readonly<Record<string, number>>; at: number }>();
  /** How far each run that is read was read. */
  readonly #last = new Map<string, number>();
  /** Runs that have ended, as long as somebody still wants them. */
  readonly #ended = new Set<string>();
  /** Runs that can't be read, for a moment: then whoever still wants them is trying anew. */
  readonly #refused = new Map<string, { problem: Problem; at: number }>();
  #goOn: () => void = () => undefined;
  #connection: Told = { kind: "connecting" };
  #reading: AbortController | undefined;
  #gathering: ReturnType<typeof setTimeout> | undefined;

  constructor(http: Http, part: Part) {
    this.#http = http;
    this.#part = part;
    this.#tell();
  }

  wants(tab: string, runs: Readonly<Record<string, number>>): void {
    this.#wants.set(tab, { runs, at: Date.now() });
    for (const [other, { at }] of this.#wants) if (at < Date.now() - GONE) this.#wants.delete(other);
    const wanted = this.#wanted();
    for (const runId of this.#ended) if (!wanted.has(runId)) this.#ended.delete(runId);
    for (const [runId, { at }] of this.#refused) if (at < Date.now() - REFUSED) this.#refused.delete(runId);
    for (const runId of Object.keys(runs)) this.#sayOver(runId);
    const missing = [...wanted.keys()].some((runId) => this.#readable(runId));
    if (missing || [...this.#last.keys()].some((runId) => !wanted.has(runId))) this.#gather();
    this.#tell();
  }

  hurry(): void {
    this.#goOn();
  }

  stop(): void {
    clearTimeout(this.#gathering);
    this.#reading?.abort();
  }

  #tell(): void {
    const runs = Object.fromEntries(this.#last);
    const { tab } = this.#part;
    this.#say({ kind: "leading", tab, runs, connection: this.#connection, hidden: this.#part.hidden() });
  }

  // Whoever comes late, or could not read what was missing then, did not hear it.
  #sayOver(runId: string): void {
    if (this.#ended.has(runId)) this.#say({ kind: "ended", runId });
    this.#sayRefused(runId);
  }

  #sayRefused(runId: string): void {
    const refused = this.#refused.get(runId);
    if (refused) this.#say({ kind: "refused", runId, problem: refused.problem });
  }

  /** Whether the run is to be read and is not yet. */
  #readable(runId: string): boolean {
    return !this.#last.has(runId) && !this.#ended.has(runId) && !this.#refused.has(runId);
  }

  #say(said: Said): void {
    this.#part.say(said);
  }

  #wanted(): Map<string, number> {
    const wanted = new Map<string, number>();
    for (const { runs } of this.#wants.values()) {
      for (const [runId, after] of Object.entries(runs)) {
        wanted.set(runId, Math.min(after, wanted.get(runId) ?? after));
      }
    }
    return wanted;
  }

  #gather(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      void this.#read();
    }, GATHERING);
  }

  async #read(): Promise<void> {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    this.#settle();
    if (!this.#last.size) return;
    try {
      for await (const arrival of persist(this.#ways(), this.#options(reading.signal))) {
        if (reading.signal.aborted) return;
        this.#arrived(arrival);
      }
    } catch (error) {
      if (!reading.signal.aborted) this.#failed(error);
    }
  }

  // Read what is wanted now, each run from where it was read to.
  #settle(): void {
    const wanted = this.#wanted();
    for (const runId of this.#last.keys()) if (!wanted.has(runId)) this.#last.delete(runId);
    for (const [runId, after] of wanted) {
      if (!this.#readable(runId)) continue;
      if (this.#last.size < MOST_RUNS) this.#last.set(runId, after);
      else this.#refuse(runId, TOO_MANY);
    }
  }

  #ways(): readonly Way<RunArrival>[] {
    return [
      { kind: "open", read: (signal) => streamedRuns(this.#http, this.#last, signal) },
      { kind: "polling", read: (signal) => polled(this.#http, this.#last, signal) },
    ];
  }

  #options(signal: AbortSignal) {
    return {
      signal,
      onWaiting: (goOn: () => void) => {
        this.#goOn = goOn;
      },
      onConnection: (state: Parameters<typeof told>[0]) => {
        if (signal.aborted) return; // another tab leads
        this.#connection = told(state);
        this.#say({ kind: "connection", connection: this.#connection });
      },
    };
  }

  #arrived(arrival: RunArrival): void {
    if (arrival.kind === "alive" || arrival.kind === "over" || !this.#last.has(arrival.runId)) return;
    if (arrival.kind === "events") {
      this.#last.set(arrival.runId, Number(arrival.events.at(-1)?.sequence));
      this.#say(arrival);
    } else if (arrival.kind === "gap") {
      this.#last.set(arrival.runId, arrival.oldest - 1);
      this.#say(arrival);
    } else if (arrival.kind === "refused") {
      this.#refuse(arrival.runId, arrival.problem);
    } else {
      this.#ended.add(arrival.runId);
      this.#last.delete(arrival.runId);
      this.#say(arrival);
    }
  }

  #failed(error: unknown): void {
    const problem = error instanceof LevadaError ? error : {};
    for (const runId of [...this.#last.keys()]) this.#refuse(runId, problem);
  }

  #refuse(runId: string, problem: Problem): void {
    this.#refused.set(runId, { problem: problemOf(problem), at: Date.now() });
    this.#last.delete(runId);
    this.#sayRefused(runId);
  }
}
