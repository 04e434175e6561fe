// Waiting between tries: longer each time, spread, bounded, and over at once when it has to be.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Backoff, delay } from "../src/backoff.js";

describe("backoff", () => {
  it("doubles up to its limit, spread over all of it", () => {
    const most = new Backoff({ first: 100, longest: 1_000, random: () => 1 });
    expect(Array.from({ length: 6 }, () => most.next())).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    const least = new Backoff({ first: 100, random: () => 0 });
    expect([least.next(), least.next()]).toEqual([0, 0]);
  });

  it("never waits less than the server asked for, nor longer than that and its limit", () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(40), fc.double({ min: 0, max: 1, noNaN: true }), (asked, tries, luck) => {
        const backoff = new Backoff({
          first: 100,
          longest: 1_000,
          patience: Number.POSITIVE_INFINITY,
          random: () => luck,
        });
        for (let count = 0; count < tries; count++) backoff.next();
        const wait = backoff.next(asked) ?? -1;
        expect(wait).toBeGreaterThanOrEqual(asked);
        expect(wait).toBeLessThanOrEqual(asked + 1_000);
      }),
    );
  });

  it("begins anew after a sign of life", () => {
    const backoff = new Backoff({ first: 100, patience: 250, random: () => 1 });
    expect([backoff.next(), backoff.attempt]).toEqual([100, 1]);
    backoff.succeeded();
    expect([backoff.next(), backoff.attempt]).toEqual([100, 1]);
  });

  it("gives up once it waited for too long in all", () => {
    const backoff = new Backoff({ first: 100, longest: 300, patience: 650, random: () => 1 });
    expect(Array.from({ length: 4 }, () => backoff.next())).toEqual([100, 200, 300, undefined]);
  });
});

describe("a delay", () => {
  it("is over when its signal is aborted, before or meanwhile", async () => {
    const over = new AbortController();
    const waiting = delay(3_600_000, over.signal);
    over.abort();
    await waiting;
    await delay(3_600_000, over.signal);
  });
});
