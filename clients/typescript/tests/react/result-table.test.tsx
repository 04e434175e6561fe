// @vitest-environment happy-dom
// A table of rows as they come: headings at once, cells by their type, keys, copying. Scrolling is tested in a browser.

import { cleanup, createEvent, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ResultTable } from "../../src/react/table/result-table.js";
import { Table } from "../../src/table.js";

const COLUMNS = [
  { name: "city", type: "text", nullable: true, unit: "" },
  { name: "revenue", type: "integer", nullable: true, unit: "EUR" },
] as const;

function table(...rows: [string, string][]): Table {
  const begun = Table.begun({ id: "t", step: "s", attempt: 1, queryId: "q", columns: COLUMNS, arrowSchema: "" });
  if (rows.length === 0) return begun;
  const [cities, figures] = [rows.map(([city]) => city), rows.map(([, figure]) => figure)];
  return begun.with({
    tableId: "t",
    rowCount: rows.length,
    columns: [{ texts: { values: cities } }, { ints: { values: figures }, nulls: "Ag==" }],
  });
}

const WHOLE = { truncated: false, truncation: undefined, message: "" };

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(400);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

it("shows headings before the first row, and places of rows to come", () => {
  const { container } = render(<ResultTable table={table()} live />);
  expect(screen.getAllByRole("columnheader").map((head) => head.textContent)).toEqual(["city", "revenue (EUR)"]);
  expect(container.querySelectorAll(".levada-pending-row").length).toBe(3);
  expect(container.textContent).toContain("Waiting for rows…");
});

it("shows cells by their type, NULL by its name", () => {
  render(<ResultTable table={table(["Berlin", "1234567"], ["Porto", "0"])} live />);
  const cells = screen.getAllByRole("gridcell");
  expect(cells.map((cell) => cell.textContent)).toEqual(["Berlin", "1,234,567", "Porto", "NULL"]);
  expect(cells[3]?.dataset.kind).toBe("null");
});

it("says how many rows came, how many there are, and what is missing", () => {
  const rows = table(["Berlin", "1"], ["Porto", "2"]);
  const { container, rerender } = render(<ResultTable table={rows} live />);
  expect(container.textContent).toContain("2 rows so far…");
  rerender(<ResultTable table={rows.ended(WHOLE)} />);
  expect(container.querySelector(".levada-table-foot")?.textContent).toBe("2 rows");
  rerender(<ResultTable table={rows.ended({ ...WHOLE, truncated: true, message: "Only the first 2." })} />);
  expect(container.textContent).toContain("2 rows. Only the first 2.");
  rerender(<ResultTable table={rows} />);
  expect(container.textContent).toContain("The run ended before the rest came.");
});

it("draws a row that came with a later batch", () => {
  const { rerender } = render(<ResultTable table={table(["Berlin", "1"])} live />);
  rerender(<ResultTable table={table(["Berlin", "1"], ["Porto", "2"], ["Rome", "3"])} live />);
  expect(screen.getAllByRole("gridcell").length).toBe(6);
});

it("is walked with keys, tells screen readers where one is, and opens a whole value", () => {
  const { container } = render(<ResultTable table={table(["Berlin", "1"], ["Porto", "2"]).ended(WHOLE)} />);
  const grid = screen.getByRole("grid");
  for (const key of ["ArrowDown", "ArrowDown", "ArrowRight"]) fireEvent.keyDown(grid, { key });
  const active = document.getElementById(grid.getAttribute("aria-activedescendant") ?? "");
  expect(active?.textContent).toBe("NULL");
  fireEvent.keyDown(grid, { key: "ArrowLeft" });
  fireEvent.keyDown(grid, { key: "Enter" });
  expect(container.querySelector(".levada-whole pre")?.textContent).toBe("Porto");
});

it("forgets what was chosen when it shows another table", () => {
  const { rerender } = render(<ResultTable table={table(["Berlin", "1"], ["Porto", "2"]).ended(WHOLE)} />);
  const grid = screen.getByRole("grid");
  fireEvent.keyDown(grid, { key: "ArrowDown" });
  expect(grid.hasAttribute("aria-activedescendant")).toBe(true);
  const facts = { id: "u", step: "s", attempt: 1, queryId: "q", columns: [...COLUMNS], arrowSchema: "" };
  rerender(<ResultTable table={Table.begun(facts)} />);
  expect(grid.hasAttribute("aria-activedescendant")).toBe(false);
});

it("copies what is chosen as a spreadsheet takes it", () => {
  const { container } = render(<ResultTable table={table(["=Berlin", "-1234567"], ["Porto", "2"]).ended(WHOLE)} />);
  const grid = screen.getByRole("grid");
  fireEvent.keyDown(grid, { key: "a", ctrlKey: true });
  const setData = vi.fn();
  const copy = createEvent.copy(grid, { clipboardData: { setData } });
  Object.defineProperty(copy, "clipboardData", { value: { setData } });
  fireEvent(grid, copy);
  expect(setData).toHaveBeenCalledWith("text/plain", "'=Berlin\t-1234567\nPorto\t");
  expect(container.textContent).toContain("Copied 4 cells.");
});
