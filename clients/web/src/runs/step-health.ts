/** Figures of steps over several runs. */
import type { RunState } from "@levada/client";

export interface StepHealth {
  path: string;
  title: string;
  /** How often it began and then succeeded or failed for good; those cut short by a cancel are not judged. */
  begun: number;
  done: number;
  retried: number;
  /** Milliseconds; undefined where it never succeeded. */
  median: number | undefined;
  slowest: number | undefined;
}

interface Tally extends Omit<StepHealth, "median" | "slowest"> {
  durations: number[];
}

export function stepHealth(states: readonly RunState[]): readonly StepHealth[] {
  const tallies = new Map<string, Tally>();
  for (const step of states.flatMap((state) => state.begun.values())) {
    if (step.state !== "done" && step.state !== "failed") continue;
    const tally = tallies.get(step.path) ?? {
      path: step.path,
      title: step.title,
      begun: 0,
      done: 0,
      retried: 0,
      durations: [],
    };
    tallies.set(step.path, tally);
    tally.begun += 1;
    tally.retried += step.attempt > 1 ? 1 : 0;
    if (step.state !== "done") continue;
    tally.done += 1;
    if (step.duration !== undefined) tally.durations.push(step.duration);
  }
  return [...tallies.values()].map(({ durations, ...rest }) => ({ ...rest, ...spread(durations) }));
}

export function rate({ begun, done }: StepHealth): number {
  return begun ? done / begun : 0;
}

function spread(durations: number[]): Pick<StepHealth, "median" | "slowest"> {
  const sorted = durations.sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const median = upper === undefined || sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
  return { median, slowest: sorted.at(-1) };
}
