import { expect, test } from "vitest";
import { milliseconds, plain, when } from "../src/shell/format";

const NOW = new Date(2026, 10, 21, 18, 30).getTime();
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

test("what is near is told in words, what is far by its date", () => {
  expect(when(ago(0.5), NOW)).toBe("just now");
  expect(when(ago(5), NOW)).toBe("5 minutes ago");
  expect(when(ago(120), NOW)).toBe("today, 16:30");
  expect(when(ago(60 * 24 * 3), NOW)).toBe("Nov 18, 2026, 18:30");
  expect(when(undefined, NOW)).toBe("");
});

test("a duration on the wire becomes milliseconds, and what is none becomes nothing", () => {
  expect(milliseconds("0.443004s")).toBeCloseTo(443.004);
  expect(milliseconds(undefined)).toBeUndefined();
});

test("names of the contract become words", () => {
  expect(plain("RUN_STATE_COMPLETED", "RUN_STATE_")).toBe("completed");
});
