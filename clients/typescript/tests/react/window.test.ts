// Which rows of a table are in view, up to the last of a million.

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inView, ROW_HEIGHT as ROW, scrollHeight, scrollTo, topRow } from "../../src/react/table/window.js";

function end(rows: number, view: number): number {
  return Math.max(0, scrollHeight(rows) - view);
}

describe("the rows in view", () => {
  it("cover the view at every place of the scroll bar, and are few", () => {
    const rows = fc.integer({ min: 1, max: 3_000_000 });
    fc.assert(
      fc.property(
        rows,
        fc.integer({ min: 60, max: 1200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, view, at) => {
          const seen = inView(at * end(n, view), view, n);
          const shown = Math.min(view, n * ROW);
          expect(seen.shift).toBeLessThanOrEqual(0.001);
          expect(seen.shift + (seen.end - seen.first) * ROW).toBeGreaterThanOrEqual(shown - 0.001);
          expect(seen.end - seen.first).toBeLessThanOrEqual(Math.ceil(view / ROW) + 10);
        },
      ),
    );
  });

  it("begin with the first row at the top and end with the last at the bottom", () => {
    const rows = 1_000_000;
    expect(inView(0, 500, rows).first).toBe(0);
    const last = inView(end(rows, 500), 500, rows);
    expect(last.end).toBe(rows);
    expect(last.shift + (last.end - last.first) * ROW).toBeCloseTo(500, 3);
  });

  it("begin with the row after those that are scrolled away, wherever the scroll bar is", () => {
    expect(topRow(inView(0, 500, 10))).toBe(0);
    expect(topRow(inView(ROW * 3 + 1, 500, 1000))).toBe(4);
    expect(topRow(inView(end(1_000_000, ROW * 20), ROW * 20, 1_000_000))).toBe(999_980);
  });

  it("never ask a browser for more height than it takes", () => {
    expect(scrollHeight(3_000_000)).toBeLessThan(17_000_000);
  });
});

describe("scrolling to a row", () => {
  it("brings any row into view, and moves nothing where it is in view", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000_000 }),
        fc.nat(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, r, at) => {
          const [view, row] = [430, r % n];
          const top = scrollTo(row, at * end(n, view), view, n);
          const seen = inView(top, view, n);
          const place = seen.shift + (row - seen.first) * ROW;
          expect(place).toBeGreaterThanOrEqual(-0.01);
          expect(place + ROW).toBeLessThanOrEqual(Math.max(view, 0) + 0.01);
          expect(scrollTo(row, top, view, n)).toBeCloseTo(top, 3);
        },
      ),
    );
  });
});
