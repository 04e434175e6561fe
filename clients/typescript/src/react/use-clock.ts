// Time that passes while a run moves, by the clock that its events were stamped with.

import { useEffect, useRef, useState } from "react";
import type { RunState } from "../state.js";

const TICK = 500;

/** Return now by the server's clock, as far as events tell it; it moves only while the run does. */
export function useClock(state: RunState): number {
  const moving = state.phase === "running" || state.phase === "queued";
  const [now, setNow] = useState(Date.now);
  // The server's clock may be off. The event that took the shortest way says by how much, and never too much.
  const off = useRef<{ runId: string; by: number }>(undefined);
  if (off.current?.runId !== state.runId) off.current = undefined;
  if (state.lastAt !== undefined) {
    const by = Math.min(off.current?.by ?? Number.POSITIVE_INFINITY, Date.now() - state.lastAt);
    off.current = { runId: state.runId, by };
  }

  useEffect(() => {
    if (!moving) return;
    const timer = setInterval(() => setNow(Date.now()), TICK);
    return () => clearInterval(timer);
  }, [moving]);

  const current = now - (off.current?.by ?? 0);
  return moving ? Math.max(current, state.lastAt ?? 0) : (state.lastAt ?? current);
}
