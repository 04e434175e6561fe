import type { EventJson } from "@levada/client";
import fc from "fast-check";
import { expect, test } from "vitest";
import { LONGEST_WAIT, shownAfter, timeline } from "../src/replay/timeline";

const at = (milliseconds: number): EventJson => ({ time: new Date(milliseconds).toISOString() });

test("events are replayed as far apart as they were", () => {
  expect(timeline([at(1000), at(1250), at(1250), at(2000)])).toEqual([0, 250, 250, 1000]);
});

test("a long wait is cut short, and what comes after it is not", () => {
  expect(timeline([at(0), at(3_600_000), at(3_600_100)])).toEqual([0, LONGEST_WAIT, LONGEST_WAIT + 100]);
});

test("a clock that was set back, or is not told, holds nothing up", () => {
  expect(timeline([at(1000), at(400), {}, at(1100)])).toEqual([0, 0, 0, 100]);
});

test("at any moment exactly the events of up to then are shown", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5000)), fc.nat(20_000), (steps, elapsed) => {
      let time = 0;
      const times = timeline(
        steps.map((step) => {
          time += step;
          return at(time);
        }),
      );
      expect(shownAfter(times, elapsed)).toBe(times.filter((each) => each <= elapsed).length);
    }),
  );
});
