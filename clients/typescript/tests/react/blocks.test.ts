// Markdown that grows: the same blocks whatever pieces it came in, and those before the last parsed once.

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Blocks, blocks, mended } from "../../src/react/markdown/blocks.js";

const LINES = [
  "# Title",
  "Some *words* and **more**",
  "- one",
  "- two",
  "  - nested",
  "1. first",
  "> quoted",
  "```sql",
  "SELECT 1",
  "```",
  "| a | b |",
  "|---|---|",
  "| 1 | 2 |",
  "---",
  "<b>html</b>",
  "    code",
  "",
  "",
];

describe("blocks", () => {
  it("gives the same blocks for any text, however it was cut", () => {
    const text = fc.array(fc.constantFrom(...LINES), { maxLength: 14 }).map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(text, fc.array(fc.nat(200), { maxLength: 6 }), (whole, cuts) => {
        const places = [...cuts.map((cut) => cut % (whole.length + 1)), whole.length].sort((one, other) => one - other);
        let grown: Blocks | undefined;
        for (const place of places) grown = blocks(whole.slice(0, place), grown);
        expect(grown?.tokens).toEqual(blocks(whole).tokens);
      }),
      { numRuns: 1000 },
    );
  });

  it("takes a list up again after a blank line, though its next item began like a paragraph", () => {
    const whole = "1. first\n\n2. second";
    const grown = blocks(whole, blocks("1. first\n\n2", blocks("1. first\n\n")));
    expect(grown.tokens).toEqual(blocks(whole).tokens);
  });

  it("keeps the blocks before the last as they are", () => {
    const before = blocks("# Title\n\nA paragraph.\n\nThe la");
    const after = blocks("# Title\n\nA paragraph.\n\nThe last one.", before);
    expect(after.tokens[0]).toBe(before.tokens[0]);
    expect(after.tokens[after.tail.index]?.raw).toBe("The last one.");
  });

  it("begins anew when the text is another one", () => {
    expect(blocks("Other", blocks("Some\n\ntext")).tokens).toEqual(blocks("Other").tokens);
  });
});

describe("mended", () => {
  it("closes what is still open, so that no marks flicker", () => {
    expect(mended("so **bo")).toMatchObject([{ tokens: [{ text: "so " }, { type: "strong", text: "bo" }] }]);
  });

  it("shows a link that is half written as its words", () => {
    expect(mended("see [the docs](https://exa")).toMatchObject([{ type: "paragraph", text: "see the docs" }]);
  });
});
