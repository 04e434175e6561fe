/** Looks again as long as what is shown is about to change: often while it does, seldom when nothing happens. */
import { useEffect, useRef } from "react";
import { repeatedly } from "./repeatedly";

const PACE = { first: 3_000, longest: 60_000 };

/** Call *again* while *changing*; *shown* differs whenever what was found does. */
export function useAgainWhile(changing: boolean, again: () => void, shown: string): void {
  const latest = useRef(again);
  latest.current = again;
  // biome-ignore lint/correctness/useExhaustiveDependencies: where something happened, more is about to
  useEffect(() => (changing ? repeatedly(() => latest.current(), PACE) : undefined), [changing, shown]);
}
