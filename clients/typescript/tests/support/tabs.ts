// Tabs of a browser, all in this process: each has its own client, and they meet on locks and a channel.
import type { Meeting } from "../../src/sharing/said.js";

type Grant = (lock: Lock | null) => unknown;

interface Waiting {
  readonly grant: () => void;
  readonly signal: AbortSignal | undefined;
}

/** Web Locks, for one name: exclusive, in line, to be stolen. */
class Locks {
  #held: { lose: (reason: unknown) => void } | undefined;
  #line: Waiting[] = [];

  request = (_name: string, options: LockOptions, callback: Grant): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const grant = () => {
        const held = { lose: reject };
        this.#held = held;
        Promise.resolve(callback({ mode: "exclusive", name: _name }))
          .then(resolve, reject)
          .finally(() => {
            if (this.#held === held) this.#next();
          });
      };
      if (options.steal) {
        this.#held?.lose(new DOMException("stolen", "AbortError"));
        grant();
      } else {
        this.#line.push({ grant, signal: options.signal });
        options.signal?.addEventListener("abort", () => reject(options.signal?.reason));
        if (!this.#held) queueMicrotask(() => this.#held || this.#next());
      }
    });

  #next(): void {
    this.#held = undefined;
    this.#line = this.#line.filter(({ signal }) => !signal?.aborted);
    this.#line.shift()?.grant();
  }
}

type Heard = { data: unknown };

/** A browser: what its tabs say is heard by all others, each of which can be frozen. */
export class Browser {
  readonly #locks = new Locks();
  readonly #tabs = new Set<Tab>();

  tab(): Tab {
    const tab = new Tab(this.#locks.request as never, this.#tabs);
    this.#tabs.add(tab);
    return tab;
  }
}

export class Tab implements Meeting {
  readonly name = "levada";
  readonly locks: Meeting["locks"];
  readonly #tabs: Set<Tab>;
  #channels: { onmessage: ((said: never) => void) | null }[] = [];
  /** A frozen tab hears nothing and says nothing, and keeps its locks. */
  frozen = false;
  isHidden = false;
  spoke = 0;

  constructor(request: Meeting["locks"]["request"], tabs: Set<Tab>) {
    this.locks = { request };
    this.#tabs = tabs;
  }

  hidden = () => this.isHidden;

  open = () => {
    const channel = {
      onmessage: null as ((said: never) => void) | null,
      postMessage: (said: unknown) => {
        if (this.frozen) return;
        this.spoke += 1;
        const data = structuredClone(said);
        for (const tab of this.#tabs) if (tab !== this) queueMicrotask(() => tab.#hear({ data }));
      },
      close: () => {
        this.#channels = this.#channels.filter((other) => other !== channel);
      },
    };
    this.#channels.push(channel);
    return channel as never;
  };

  #hear(said: Heard): void {
    if (!this.frozen) for (const { onmessage } of this.#channels) onmessage?.(said as never);
  }
}
