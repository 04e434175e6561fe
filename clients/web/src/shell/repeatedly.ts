/** Looks again and again, each time a little later, while somebody looks at the page; at once when they come back. */

export interface Pace {
  /** Milliseconds before the second look, and the most between any two. */
  readonly first: number;
  readonly longest: number;
  /** Whether the first look is taken at once. */
  readonly atOnce?: boolean;
}

type Page = Pick<Document, "hidden" | "addEventListener" | "removeEventListener">;

const SLOWER = 1.5;

/** Call *look*, which does not throw, one call after the other; return what ends it. */
export function repeatedly(look: () => unknown, { first, longest, atOnce }: Pace, page: Page = document): () => void {
  let [wait, looking, over] = [first, false, false];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function later() {
    clearTimeout(timer);
    if (over || page.hidden) return;
    timer = setTimeout(now, wait);
    wait = Math.min(wait * SLOWER, longest);
  }

  async function now() {
    if (looking) return;
    looking = true;
    await look();
    looking = false;
    later();
  }

  function turned() {
    clearTimeout(timer);
    if (page.hidden) return;
    wait = first;
    now();
  }

  page.addEventListener("visibilitychange", turned);
  if (atOnce) now();
  else later();
  return () => {
    over = true;
    clearTimeout(timer);
    page.removeEventListener("visibilitychange", turned);
  };
}
