// Values of every type, in a cell, looked at closely, and copied.

import { describe, expect, it } from "vitest";
import type { Cell } from "../../src/cells.js";
import { exact, kindOf, pasted, short, whole } from "../../src/react/table/cell-text.js";
import type { Column } from "../../src/table.js";

function column(type: Column["type"], name = "value"): Column {
  return { name, type, nullable: true, unit: "" };
}

describe("a cell shows", () => {
  it.each<[string, Cell, Column, string]>([
    ["integers in groups", 1234567, column("integer"), "1,234,567"],
    [
      "integers that a double cannot hold, digit by digit",
      9007199254740993n,
      column("integer"),
      "9,007,199,254,740,993",
    ],
    ["years and ids as they are", 2026, column("integer", "order_year"), "2026"],
    ["decimals without the zeros that a database pads", "41741.250000000000", column("decimal"), "41,741.25"],
    [
      "decimals beyond a double, digit by digit",
      "-12345678901234567890.10",
      column("decimal"),
      "-12,345,678,901,234,567,890.10",
    ],
    ["doubles rounded", 1234.56789, column("double"), "1,234.5679"],
    ["small doubles with the digits that tell them from nothing", 0.00001234, column("double"), "0.0000123400"],
    ["what is no number", Number.NaN, column("double"), "NaN"],
    ["NULL by its name", null, column("text"), "NULL"],
    ["an empty text as nothing, unlike NULL", "", column("text"), ""],
    ["bytes by their size", "AAECAw==", column("binary"), "4 bytes"],
    ["lines as one", "a\n  b", column("text"), "a b"],
    ["instants readably", "2026-01-31T13:05:00+01:00", column("timestamp_zoned"), "2026-01-31 13:05:00+01:00"],
    ["truth", false, column("boolean"), "false"],
    ["values of a type nobody knows as text", "x", column(undefined), "x"],
  ])("%s", (_, value, described, expected) => {
    expect(short(value, described)).toBe(expected);
  });

  it("no more of a long text than anyone can read there", () => {
    expect(short("x".repeat(100_000), column("text")).length).toBeLessThan(400);
  });
});

it("a closer look shows the whole value, JSON with its lines", () => {
  expect(whole('{"a":[1,2]}', column("json"))).toBe('{\n  "a": [\n    1,\n    2\n  ]\n}');
  expect(whole("x".repeat(1000), column("text"))).toHaveLength(1000);
});

it("a closer look keeps figures in JSON that a double would change", () => {
  expect(whole('{"id": 9007199254740993}', column("json"))).toBe('{"id": 9007199254740993}');
});

it("what is copied is the value itself", () => {
  expect([exact(1234567), exact("41741.250"), exact(null), exact(9007199254740993n)]).toEqual([
    "1234567",
    "41741.250",
    "",
    "9007199254740993",
  ]);
});

it("tells NULL, figures and texts apart", () => {
  expect(kindOf(null, column("integer"))).toBe("null");
  expect(kindOf(1, column("integer"))).toBe("number");
  expect(kindOf("2026-01-01", column("date"))).toBe("text");
});

describe("copied", () => {
  it.each(["=1+1", "+1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", " =1", '"=1+1"', "＝1+1", "-", "+49 170 1234", "-1E"])(
    "%s is a text to a spreadsheet too, not a formula",
    (text) => expect(pasted(text)).toBe(`'${text}`),
  );
  it.each<[Cell, string]>([
    [-3, "-3"],
    [-9007199254740993n, "-9007199254740993"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
    ["-41741.250000000000", "-41741.250000000000"],
    ["+1.5e-7", "+1.5e-7"],
    ["a=b", "a=b"],
    ["2026-01-31", "2026-01-31"],
    [null, ""],
  ])("%s stays what it is", (value, text) => expect(pasted(value)).toBe(text));
});
