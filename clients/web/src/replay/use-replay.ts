/** Plays a run's events again at some speed, and shows its state at any moment. */
import { type EventJson, initialState, type RunState, reduce } from "@levada/client";
import { useEffect, useMemo, useRef, useState } from "react";
import { shownAfter, timeline } from "./timeline";

export interface Replay {
  state: RunState;
  shown: number;
  elapsed: number;
  total: number;
  playing: boolean;
  speed: number;
  play: (playing: boolean) => void;
  setSpeed: (speed: number) => void;
  seek: (elapsed: number) => void;
}

export function useReplay(runId: string, events: readonly EventJson[]): Replay {
  const times = useMemo(() => timeline(events), [events]);
  const total = times.at(-1) ?? 0;
  const [speed, setSpeed] = useState(1);
  const [wanted, setPlaying] = useState(true);
  const [elapsed, setElapsed] = useState(0);
  const playing = wanted && elapsed < total;
  const shown = shownAfter(times, elapsed);

  useEffect(() => {
    if (!playing) return;
    let last = performance.now();
    let frame = requestAnimationFrame(function tick(now) {
      const passed = (now - last) * speed;
      last = now;
      setElapsed((before) => Math.min(total, before + passed));
      frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, speed, total]);

  const play = (on: boolean) => {
    if (on && elapsed >= total) setElapsed(0);
    setPlaying(on);
  };
  return {
    state: useFolded(runId, events, shown),
    shown,
    elapsed,
    total,
    playing,
    speed,
    play,
    setSpeed,
    seek: setElapsed,
  };
}

/** Return the state after the first *shown* events; going on costs only the events between. */
function useFolded(runId: string, events: readonly EventJson[], shown: number): RunState {
  const kept = useRef({ events, shown: 0, state: initialState(runId) });
  if (kept.current.events !== events || kept.current.shown > shown) {
    kept.current = { events, shown: 0, state: initialState(runId) };
  }
  if (kept.current.shown < shown) {
    const state = events.slice(kept.current.shown, shown).reduce(reduce, kept.current.state);
    kept.current = { events, shown, state };
  }
  return kept.current.state;
}
