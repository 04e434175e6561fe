// One open WebSocket to a gateway: what comes in goes to whoever asked for it, by the id that they were lent.
import { LevadaError, problemIn } from "./errors.js";

export interface Message {
  readonly type: string;
  readonly id: string;
  readonly [member: string]: unknown;
}

export interface WireOptions {
  /** Milliseconds without a word after which the gateway is asked whether it is there. */
  readonly quiet?: number;
  /** Messages that wait for one reader before the gateway is told to keep the rest. */
  readonly mostWaiting?: number;
}

const QUIET = 15_000;
const MOST_WAITING = 1_000;
// So many times is the gateway asked in vain before the connection is taken for dead. Time alone says nothing: where
// this page or machine stood still, nobody was asked, and what was answered is not read yet.
const DEAD = 3;

/** What came for one request and was not taken yet. */
export class Inbox {
  /** Whether so much was waiting that the rest was left out: it is to be asked for again. */
  full = false;
  #messages: Message[] = [];
  #failed: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  put(message: Message, most: number): void {
    if (this.full) return;
    this.#messages.push(message);
    this.full = this.#messages.length >= most;
    this.#wake?.();
  }

  fail(error: unknown): void {
    this.#failed ??= { error };
    this.#wake?.();
  }

  /** Return what waits, at least one message, or nothing once it is `full` and all was taken. */
  async take(): Promise<readonly Message[]> {
    while (!this.#messages.length) {
      if (this.full) return [];
      if (this.#failed) throw this.#failed.error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }
}

export class Wire {
  readonly #socket: WebSocket;
  readonly #inboxes = new Map<string, Inbox>();
  readonly #most: number;
  readonly #quiet: number;
  readonly #clock: ReturnType<typeof setInterval>;
  #heard = Date.now();
  #unanswered = 0;
  #ids = 0;
  broken = false;

  constructor(socket: WebSocket, options: WireOptions = {}) {
    this.#socket = socket;
    this.#most = options.mostWaiting ?? MOST_WAITING;
    this.#quiet = options.quiet ?? QUIET;
    this.#clock = setInterval(() => this.#look(), this.#quiet);
    socket.addEventListener("message", ({ data }) => this.#hear(String(data)));
    socket.addEventListener("close", () => this.#end());
  }

  /** Ask for something; *signal* ends the wait for what comes. */
  ask(kind: string, members: object, signal?: AbortSignal): { id: string; inbox: Inbox } {
    this.#ids += 1;
    const id = String(this.#ids);
    const inbox = new Inbox();
    this.#inboxes.set(id, inbox);
    signal?.addEventListener("abort", () => inbox.fail(signal.reason), { once: true });
    if (signal?.aborted) inbox.fail(signal.reason);
    if (this.broken) inbox.fail(lost());
    else this.say({ type: kind, id, ...members });
    return { id, inbox };
  }

  /** Listen no longer to what comes for *id*. */
  forget(id: string): void {
    this.#inboxes.delete(id);
  }

  say(message: Message): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  close(): void {
    this.#socket.close(1000);
    this.#end();
  }

  #hear(text: string): void {
    this.#heard = Date.now();
    this.#unanswered = 0;
    const message = JSON.parse(text) as Message;
    const inbox = this.#inboxes.get(message.id);
    if (!inbox || inbox.full) return;
    inbox.put(message, this.#most);
    if (inbox.full) this.say({ type: "unwatch", id: message.id });
  }

  #look(): void {
    if (Date.now() - this.#heard < this.#quiet) return;
    if (this.#unanswered >= DEAD) {
      this.close();
      return;
    }
    this.#unanswered += 1;
    this.say({ type: "ping", id: "" });
  }

  #end(): void {
    if (this.broken) return;
    this.broken = true;
    clearInterval(this.#clock);
    for (const inbox of this.#inboxes.values()) inbox.fail(lost());
  }
}

/** Return *message*, unless it says that something is wrong: that is thrown. */
export function checked(message: Message): Message {
  if (message.type !== "error") return message;
  const wait = (message.problem as { retryAfter?: unknown } | undefined)?.retryAfter;
  const retryAfter = typeof wait === "number" ? wait * 1000 : undefined;
  throw new LevadaError({ ...problemIn(message.problem), retryAfter });
}

export function lost(): LevadaError {
  return new LevadaError({ detail: "The connection to the gateway broke." });
}
