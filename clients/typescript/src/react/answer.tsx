// The answer or a report in markdown, drawn while it is written.

import { createElement, useMemo, useRef } from "react";
import { type Blocks, blocks, mended } from "./markdown/blocks.js";
import { Block } from "./markdown/elements.js";
import { useRevealed } from "./use-revealed.js";

export interface AnswerProps {
  /** The markdown so far. */
  text: string;
  /** Whether more will come. */
  writing?: boolean;
}

/** Show markdown as it streams: only its last block is parsed anew, and nothing in it can run or load. */
export function Answer({ text: whole, writing: coming = false }: AnswerProps) {
  const text = useRevealed(whole, coming);
  const writing = coming || text.length < whole.length;
  const before = useRef<Blocks>(undefined);
  // A text that is whole is read whole: references may be defined at its end.
  const parsed = useMemo(() => blocks(text, writing ? before.current : undefined), [text, writing]);
  before.current = parsed;
  const { tokens, tail } = parsed;
  const drawn = writing ? [...tokens.slice(0, tail.index), ...mended(text.slice(tail.offset))] : tokens;
  return createElement(
    "div",
    { className: "levada-answer", "data-writing": writing || undefined, "aria-busy": writing },
    ...drawn.map((token) => createElement(Block, { token })),
  );
}
