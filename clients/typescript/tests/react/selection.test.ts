// Choosing cells by keys, and what is copied of them.

import { describe, expect, it } from "vitest";
import { copied, type Extent, holds, moved, type Selection } from "../../src/react/table/selection.js";

const EXTENT: Extent = { rows: 100, columns: 4, page: 10 };

function at(row: number, column: number): Selection {
  return { from: { row, column }, to: { row, column } };
}

function press(selection: Selection, key: string, { shift = false, control = false } = {}): Selection | undefined {
  return moved(selection, { key, shift, control }, EXTENT);
}

describe("keys", () => {
  it("move the chosen cell, and stop at the edges", () => {
    expect(press(at(5, 1), "ArrowDown")).toEqual(at(6, 1));
    expect(press(at(0, 0), "ArrowUp")).toEqual(at(0, 0));
    expect(press(at(99, 3), "ArrowRight")).toEqual(at(99, 3));
    expect(press(at(95, 0), "PageDown")).toEqual(at(99, 0));
    expect(press(at(5, 2), "End", { control: true })).toEqual(at(99, 3));
  });

  it("choose a rectangle while shift is held, and everything with control and A", () => {
    const two = press(at(5, 1), "ArrowDown", { shift: true });
    expect(two).toEqual({ from: { row: 5, column: 1 }, to: { row: 6, column: 1 } });
    expect(press(at(5, 1), "a", { control: true })).toEqual({
      from: { row: 0, column: 0 },
      to: { row: 99, column: 3 },
    });
  });

  it("that mean nothing here are left to the page", () => {
    expect(press(at(5, 1), "Tab")).toBeUndefined();
    expect(press(at(5, 1), "toString")).toBeUndefined();
  });
});

it("a rectangle holds its cells, from whichever corner it was drawn", () => {
  const drawn: Selection = { from: { row: 7, column: 2 }, to: { row: 5, column: 1 } };
  expect(holds(drawn, 6, 1)).toBe(true);
  expect(holds(drawn, 6, 3)).toBe(false);
});

it("copied cells keep their rows and columns, whatever stands in them", () => {
  const drawn: Selection = { from: { row: 1, column: 1 }, to: { row: 0, column: 0 } };
  expect(copied(drawn, (row, column) => `${row}\t${column}\n`)).toBe("0 0 \t0 1 \n1 0 \t1 1 ");
});
