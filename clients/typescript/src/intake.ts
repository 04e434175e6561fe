// Events on their way into a state: taken in frame by frame, each for so long that the page stays fluent.
import { framesAreDrawn, nextFrame, type Schedule } from "./frame.js";
import type { EventJson } from "./levada/v1/event_pb.js";
import { reduce } from "./reduce/index.js";
import type { RunState } from "./state.js";

// Of a frame's 16 ms; the rest is for drawing.
const BUDGET = 6;
// Where nothing is drawn; timers of hidden tabs come seldom.
const UNSEEN = 50;
// More are not read before some of these were taken in.
const MOST_WAITING = 5_000;
// Looking at the clock costs more than most events do.
const AT_ONCE = 32;

export class Intake {
  state: RunState;
  readonly #changed: () => void;
  readonly #schedule: Schedule;
  #waiting: EventJson[] = [];
  #next = 0;
  #scheduled = false;
  #drained: (() => void)[] = [];

  /** *changed* is called at most once per frame. */
  constructor(state: RunState, changed: () => void, schedule: Schedule = nextFrame) {
    this.state = state;
    this.#changed = changed;
    this.#schedule = schedule;
  }

  /** Take in *events*, soon. Resolves once there is room for more. */
  add(events: readonly EventJson[]): Promise<void> | undefined {
    for (const event of events) this.#waiting.push(event);
    this.touch();
    return this.#waiting.length - this.#next > MOST_WAITING ? this.drained() : undefined;
  }

  /** Resolve once everything was taken in. */
  drained(): Promise<void> {
    if (!this.#scheduled) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Tell of a change with the next frame. */
  touch(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => this.#frame());
  }

  #frame(): void {
    this.#scheduled = false;
    const until = performance.now() + (framesAreDrawn() ? BUDGET : UNSEEN);
    while (this.#next < this.#waiting.length && performance.now() < until) this.#take();
    if (this.#next < this.#waiting.length) this.touch();
    else this.#settle();
    this.#changed();
  }

  #take(): void {
    const end = Math.min(this.#next + AT_ONCE, this.#waiting.length);
    for (const event of this.#waiting.slice(this.#next, end)) this.state = reduce(this.state, event);
    this.#next = end;
  }

  #settle(): void {
    this.#waiting = [];
    this.#next = 0;
    const waiting = this.#drained;
    this.#drained = [];
    for (const resolve of waiting) resolve();
  }
}
