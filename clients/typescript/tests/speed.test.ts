// What an event costs: the same, however much came before it.
import { describe, expect, it } from "vitest";
import { type EventJson, initialState, type RunState, reduce } from "../src/index.js";
import { worked } from "./support/worked.js";

type Maker = (number: number) => EventJson;

const KINDS: Readonly<Record<string, Maker>> = {
  "pieces of text": () => ({ step: "s", attempt: 1, textDelta: { channel: "CHANNEL_ANSWER", text: "word " } }),
  "batches of rows": (n) => ({
    step: "s",
    attempt: 1,
    tableRows: { tableId: "t", offset: String(n), rowCount: 1, columns: [{ texts: { values: ["x"] } }] },
  }),
  findings: () => ({ step: "s", attempt: 1, finding: { text: "found" } }),
  steps: (n) => ({ step: `s/${n}`, attempt: 1, stepStarted: { title: "A step" } }),
  "attempts of a step": (n) => ({ step: "s", attempt: n + 2, textDelta: { channel: "CHANNEL_ANSWER", text: "x" } }),
};

function milliseconds(make: Maker, before: number, count: number): number {
  let state: RunState = reduce(initialState("r"), {
    sequence: "1",
    step: "s",
    attempt: 1,
    tableStarted: { tableId: "t", columns: [{ name: "c" }] },
  });
  const event = (number: number) => ({ ...make(number), sequence: String(number + 2) });
  for (let number = 0; number < before; number++) state = reduce(state, event(number));
  const events = Array.from({ length: count }, (_, number) => event(before + number));
  return worked(() => {
    for (const each of events) state = reduce(state, each);
  });
}

describe("the reducer", () => {
  for (const [kind, make] of Object.entries(KINDS)) {
    it(`takes ${kind} in at the same pace after thirty thousand of them`, () => {
      milliseconds(make, 0, 2_000);
      const early = Math.min(...[1, 2, 3].map(() => milliseconds(make, 0, 2_000)));
      const late = Math.min(...[1, 2].map(() => milliseconds(make, 30_000, 2_000)));
      if (process.env.SHOW_SPEED)
        process.stdout.write(
          `${kind}: ${Math.round(2_000_000 / late)} events/s, ${early.toFixed(1)} -> ${late.toFixed(1)} ms\n`,
        );
      // Ten times is far from what a cost that grows would do (fifteen times and more), and as far from noise.
      expect(late).toBeLessThan(10 * early + 20);
    }, 60_000);
  }
});
