// @vitest-environment happy-dom
// What a text cites is drawn as whoever shows the text wants it.

import { cleanup, render } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { Answer } from "../../src/react/answer.js";
import { CitationsProvider } from "../../src/react/citations.js";

afterEach(cleanup);

function cited(text: string): string {
  const known = new Set(["q1", "t2.q1"]);
  const cite = (id: string) => (known.has(id) ? <a href={`#${id}`}>{id}</a> : undefined);
  const { container } = render(
    <CitationsProvider value={cite}>
      <Answer text={text} />
    </CitationsProvider>,
  );
  return [...container.querySelectorAll("a")].map((link) => link.textContent).join(" ");
}

it("leads to each thing that is cited, in paragraphs, lists and cells", () => {
  expect(cited("It fell [q1], twice [t2.q1; q1].")).toBe("q1 t2.q1 q1");
  expect(cited("- **41%** [q1]")).toBe("q1");
  expect(cited("| a |\n|---|\n| 1 [t2.q1] |")).toBe("t2.q1");
});

it("takes for a citation only what there is", () => {
  expect(cited("An [aside], and [q9].")).toBe("");
  expect(cited("Half of it [q1, q9].")).toBe("");
});

it("leaves code alone", () => {
  expect(cited("`rows[q1]`")).toBe("");
});
