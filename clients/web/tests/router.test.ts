import fc from "fast-check";
import { expect, test } from "vitest";
import { href, parse, type Route } from "../src/shell/router";

const text = fc.string({ minLength: 1, unit: "grapheme" }).filter((part) => part !== "." && part !== "..");
const maybe = fc.oneof(fc.constant(""), text);

const routes: fc.Arbitrary<Route> = fc.oneof(
  fc.record({ name: fc.constant("ask" as const), question: maybe, source: maybe }),
  fc.record({ name: fc.constant("run" as const), id: text, tab: fc.constantFrom("answer", "developer", "replay") }),
  fc.record({ name: fc.constant("compare" as const), left: maybe, right: maybe }),
  fc.record({ name: fc.constant("sources" as const), source: maybe }),
  fc.constantFrom<Route>({ name: "runs" }, { name: "health" }),
);

test("every view has an address that leads back to it", () => {
  fc.assert(
    fc.property(routes, (route) => {
      expect(parse(new URL(href(route), "http://localhost"))).toEqual(route);
    }),
  );
});

test.each(["/nowhere", "/runs/a/b", "/runs/a/replay/more", "/sources/a/b", "/steps/a", "/compare/a"])(
  "%s is said to be missing",
  (path) => {
    expect(parse(new URL(path, "http://localhost")).name).toBe("missing");
  },
);

test("an address that no browser wrote does not break the page", () => {
  expect(parse(new URL("/runs/%E0%A4%A", "http://localhost"))).toEqual({ name: "run", id: "%E0%A4%A", tab: "answer" });
});
