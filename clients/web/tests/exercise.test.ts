import type { Exercise } from "@levada/client";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CLICKS, clicked, type Play } from "../src/exercise/play";
import { lines, score } from "../src/exercise/words";

const word = fc.stringMatching(/^[a-z]{1,9}[.,;]?$/);
const words = (minLength: number, maxLength: number) =>
  fc.array(word, { minLength, maxLength }).map((all) => all.join(" "));

function exercise(content: string[], ids: string[]): Exercise {
  const errors = ids.map((id) => ({ id, description: "" }));
  return { title: "", difficulty: "", contentType: "prose", content, errors };
}

test("a text is read without its marks, and every word of an error is known as its", () => {
  const parts = fc.record({ before: words(0, 5), wrong: words(1, 6), after: words(0, 5) });
  fc.assert(
    fc.property(fc.uniqueArray(parts, { selector: (part) => part.wrong, minLength: 1, maxLength: 5 }), (all) => {
      const marked = all.map(({ before, wrong, after }) => `${before} <<${wrong}>> ${after}`);
      const read = lines(
        exercise(
          marked,
          all.map(({ wrong }) => wrong),
        ),
      );
      for (const [place, { before, wrong, after }] of all.entries()) {
        const line = read[place] ?? [];
        expect(line.map((one) => one.text).join("")).toBe(`${before} ${wrong} ${after}`);
        const own = line.filter((one) => !one.space && one.error === place).map((one) => one.text);
        expect(own).toEqual(wrong.split(" "));
        expect(line.filter((one) => one.error !== undefined && one.error !== place)).toEqual([]);
      }
    }),
  );
});

test("two errors on one line keep apart, whichever is told first", () => {
  const marked = ["<<a b>> x <<c d>> end"];
  for (const ids of [
    ["a b", "c d"],
    ["c d", "a b"],
  ]) {
    const [line = []] = lines(exercise(marked, ids));
    const of = (text: string) => line.find((each) => each.text === text)?.error;
    expect([of("b"), of("c"), of("x"), of("end")]).toEqual([
      ids.indexOf("a b"),
      ids.indexOf("c d"),
      undefined,
      undefined,
    ]);
  }
});

test("what looks like a mark but is none stays as it is", () => {
  const [line = []] = lines(exercise(["cout << list >> end"], ["list of words"]));
  expect(line.map(({ text }) => text).join("")).toBe("cout << list >> end");
});

test("F1 is the harmonic mean of precision and recall", () => {
  expect(score([0, undefined, 1], 4)).toMatchObject({ found: 2, precision: 2 / 3, recall: 0.5 });
  expect(score([0, undefined, 1], 4).f1).toBeCloseTo(4 / 7);
  expect(score([], 3).f1).toBe(0);
  expect(score([0, 1], 2).f1).toBe(1);
});

test("a second click on the same error finds nothing more", () => {
  expect(score([0, 0], 1)).toMatchObject({ found: 1, precision: 0.5, recall: 1 });
});

test("there are three clicks, each can be taken back, and none after it was revealed", () => {
  let play: Play = { chosen: [], revealed: false };
  for (const at of ["0:0", "0:2", "1:0", "1:2"]) play = clicked(play, at);
  expect(play.chosen).toHaveLength(CLICKS);
  expect(clicked(play, "0:0").chosen).toEqual(["0:2", "1:0"]);
  expect(clicked({ ...play, revealed: true }, "0:0").chosen).toEqual(play.chosen);
});
