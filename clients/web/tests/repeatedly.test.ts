import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { repeatedly } from "../src/shell/repeatedly";

const PACE = { first: 1_000, longest: 4_000 };

class Page extends EventTarget {
  hidden = false;

  turn(hidden: boolean) {
    this.hidden = hidden;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function looking(page = new Page(), pace: Parameters<typeof repeatedly>[1] = PACE) {
  const began = Date.now();
  const at: number[] = [];
  const end = repeatedly(() => at.push(Date.now() - began), pace, page as never);
  return { at, end, page };
}

test("looks are ever further apart, up to a longest pause", async () => {
  const { at } = looking();
  await vi.advanceTimersByTimeAsync(17_000);
  expect(at).toEqual([1_000, 2_500, 4_750, 8_125, 12_125, 16_125]);
});

test("the first look can be taken at once", async () => {
  const { at } = looking(new Page(), { ...PACE, atOnce: true });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(at).toEqual([0, 1_000]);
});

test("nobody looks while the page is hidden; who comes back sees news at once, and often again", async () => {
  const { at, page } = looking();
  await vi.advanceTimersByTimeAsync(3_000);
  page.turn(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(at).toEqual([1_000, 2_500]);
  page.turn(false);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(at).toEqual([1_000, 2_500, 63_000, 64_000]);
});

test("a look that takes long is waited for, whatever happens meanwhile", async () => {
  const page = new Page();
  const answers: (() => void)[] = [];
  repeatedly(() => new Promise<void>((answer) => answers.push(answer)), { ...PACE, atOnce: true }, page as never);
  page.turn(true);
  page.turn(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(answers).toHaveLength(1);
  answers[0]?.();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(answers).toHaveLength(2);
});

test("who leaves is not looked for any more", async () => {
  const { at, end, page } = looking();
  end();
  page.turn(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(at).toEqual([]);
});
