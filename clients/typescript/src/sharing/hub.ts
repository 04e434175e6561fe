// This tab among the others: it reads through the leader, and leads when it is its turn.
import { INTERRUPTED, Interrupted, LevadaError } from "../errors.js";
import type { Http } from "../http.js";
import { Blocked } from "../transport/arrival.js";
import { Leader } from "./leader.js";
import type { Reading } from "./reading.js";
import { type Meeting, type Said, type Told, untold } from "./said.js";

/** How often a tab says what it wants, and how long it does so without an answer before it takes the leader's place. */
export interface Rhythm {
  readonly every: number;
  readonly silence: number;
}

const RHYTHM: Rhythm = { every: 3_000, silence: 7_000 };

export class Hub {
  readonly #http: Http;
  readonly #meeting: Meeting;
  readonly #rhythm: Rhythm;
  readonly #tab = Math.random().toString(36).slice(2);
  readonly #readings = new Map<string, Set<Reading>>();
  #session: Session | undefined;
  /** Whether this page may hold no locks, as in a sandboxed frame: then each tab reads for itself. */
  #alone = false;

  constructor(http: Http, meeting: Meeting, rhythm = RHYTHM) {
    this.#http = http;
    this.#meeting = meeting;
    this.#rhythm = rhythm;
  }

  join(runId: string, reading: Reading): void {
    const readings = this.#readings.get(runId) ?? new Set();
    this.#readings.set(runId, readings.add(reading));
    if (this.#alone) {
      this.#part();
      return;
    }
    this.#session ??= new Session(this.#meeting, this.#rhythm, {
      wants: () => ({ kind: "wants", tab: this.#tab, runs: this.#wanted() }),
      heard: (said) => this.#heard(said),
      lead: (say) => new Leader(this.#http, { tab: this.#tab, hidden: () => this.#meeting.hidden(), say }),
      part: () => this.#part(),
    });
    this.#session.ask();
  }

  leave(runId: string, reading: Reading): void {
    const readings = this.#readings.get(runId);
    readings?.delete(reading);
    if (!readings?.size) this.#readings.delete(runId);
    this.#session?.ask();
    if (this.#readings.size) return;
    this.#session?.close();
    this.#session = undefined;
  }

  hurry(): void {
    this.#session?.say({ kind: "hurry" });
  }

  #part(): void {
    this.#alone = true;
    const why = new Blocked({ detail: "Tabs can't meet here." });
    for (const readings of this.#readings.values()) for (const { queue } of readings) queue.fail(why);
  }

  #wanted(): Record<string, number> {
    const runs: Record<string, number> = {};
    for (const [runId, readings] of this.#readings) {
      for (const { last } of readings) runs[runId] = Math.min(last, runs[runId] ?? last);
    }
    return runs;
  }

  #heard(said: Said): void {
    if (said.kind === "wants" || said.kind === "hurry") return;
    if (said.kind === "leading") this.#led(said.runs, said.connection);
    else if (said.kind === "connection") this.#connected(said.connection);
    else for (const reading of this.#readings.get(said.runId) ?? []) hear(reading, said);
  }

  #led(runs: Readonly<Record<string, number>>, connection: Told): void {
    for (const [runId, readings] of this.#readings) {
      for (const reading of readings) void reading.reach(runs[runId] ?? 0);
    }
    this.#connected(connection);
  }

  #connected(connection: Told): void {
    const stands = connection.kind === "open" || connection.kind === "polling";
    for (const readings of this.#readings.values()) {
      for (const { queue } of readings) {
        if (stands) queue.put({ kind: "alive" });
        queue.put({ kind: "connection", state: untold(connection) });
      }
    }
  }
}

function hear(reading: Reading, said: Extract<Said, { readonly runId: string }>): void {
  if (said.kind === "events") reading.take(said.events);
  else if (said.kind === "gap") reading.gap(said.oldest);
  else if (said.kind === "ended") reading.ended();
  else if (said.problem.reason === "TOO_MANY_STREAMS") reading.queue.fail(new Blocked(said.problem));
  else if (said.problem.reason === INTERRUPTED) reading.queue.fail(new Interrupted(said.problem));
  else reading.queue.fail(new LevadaError(said.problem));
}

interface Part {
  wants(): Said;
  heard(said: Said): void;
  lead(say: (said: Said) => void): Leader;
  /** Called when there can be no leader here. */
  part(): void;
}

/** The time in which this tab reads anything: its place on the channel, and in the line for leading. */
class Session {
  readonly #channel: ReturnType<Meeting["open"]>;
  readonly #meeting: Meeting;
  readonly #rhythm: Rhythm;
  readonly #part: Part;
  readonly #over = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;
  // How often this tab asked since it was answered. Times would not do: timers of hidden tabs come once a minute.
  #unanswered = 0;
  #leading = "";
  #leader: Leader | undefined;

  constructor(meeting: Meeting, rhythm: Rhythm, part: Part) {
    this.#meeting = meeting;
    this.#rhythm = rhythm;
    this.#part = part;
    this.#channel = meeting.open(meeting.name);
    this.#channel.onmessage = ({ data }) => this.#heard(data as Said);
    this.#timer = setInterval(() => this.#beat(), rhythm.every);
    void this.#stand({ signal: this.#over.signal });
  }

  /** Say what this tab wants. */
  ask(): void {
    this.say(this.#part.wants());
  }

  close(): void {
    clearInterval(this.#timer);
    this.#over.abort();
    this.#leader?.stop();
    this.#channel.close();
  }

  // A channel is not heard by who speaks on it, so what is said here is heard here as well.
  say(said: Said): void {
    if (this.#over.signal.aborted) return;
    this.#channel.postMessage(said);
    this.#heard(said);
  }

  #heard(said: Said): void {
    if (this.#over.signal.aborted) return;
    if (said.kind === "wants") this.#leader?.wants(said.tab, said.runs);
    else if (said.kind === "hurry") this.#leader?.hurry();
    else this.#unanswered = 0;
    if (said.kind === "leading") this.#led(said.tab, said.hidden);
    this.#part.heard(said);
  }

  // A new leader does not know yet what this tab wants; one that is hidden is relieved by one that is seen.
  #led(tab: string, hidden: boolean): void {
    const known = this.#leading === tab;
    this.#leading = tab;
    if (this.#leader) return;
    if (hidden && !this.#meeting.hidden()) void this.#stand({ steal: true });
    else if (!known) this.ask();
  }

  #beat(): void {
    // A frozen tab keeps its lock: whoever hears nothing of it takes the lock away. Not all at the same time.
    const patience = (this.#rhythm.silence / this.#rhythm.every) * (1 + Math.random() / 2);
    if (!this.#leader && this.#unanswered > patience) void this.#stand({ steal: true });
    this.#unanswered += 1;
    this.ask();
  }

  async #stand(options: LockOptions): Promise<void> {
    let leader: Leader | undefined;
    try {
      await this.#meeting.locks.request(this.#meeting.name, options, () => {
        leader = this.#lead();
        return new Promise<void>((resolve) => this.#over.signal.addEventListener("abort", () => resolve()));
      });
    } catch {
      // Closed while in line, or the lock was taken away: then another tab leads, and this one stands in line again.
      leader?.stop();
      if (this.#leader === leader) this.#leader = undefined;
      if (this.#over.signal.aborted || options.steal) return;
      if (leader) void this.#stand({ signal: this.#over.signal });
      else this.#part.part(); // refused without having been in line
    }
  }

  #lead(): Leader {
    const leader = this.#part.lead((said) => this.say(said));
    this.#leader?.stop();
    this.#leader = leader;
    this.ask();
    return leader;
  }
}
