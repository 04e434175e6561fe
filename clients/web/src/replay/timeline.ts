/** When each event of a run is shown in its replay: as it was, but for long waits, which are cut short. */
import type { EventJson } from "@levada/client";

/** A wait of more than this, for a person or a worker, is no longer than this in a replay. */
export const LONGEST_WAIT = 3000;

/** Return for each event the milliseconds from the replay's start; they never fall. */
export function timeline(events: readonly EventJson[]): readonly number[] {
  let before: number | undefined;
  let at = 0;
  return events.map((event) => {
    const time = Date.parse(event.time ?? "");
    if (Number.isNaN(time)) return at;
    if (before !== undefined) at += Math.min(LONGEST_WAIT, Math.max(0, time - before));
    before = Math.max(before ?? time, time);
    return at;
  });
}

/** Return how many events are shown once *elapsed* milliseconds have passed. */
export function shownAfter(times: readonly number[], elapsed: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= elapsed) low = middle + 1;
    else high = middle;
  }
  return low;
}
