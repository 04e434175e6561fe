// A text that grows, as blocks of markdown: those before the last are parsed once and keep their identity.

import { Lexer, type Token } from "marked";
import remend from "remend";

export interface Blocks {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** Where the last blocks begin, which may still change, and their place among the tokens. */
  readonly tail: { readonly offset: number; readonly index: number };
}

const NOTHING: Blocks = { text: "", tokens: [], tail: { offset: 0, index: 0 } };

/** Return the blocks of *text*; what *before* holds of them is taken over when *text* continues it. */
export function blocks(text: string, before: Blocks = NOTHING): Blocks {
  const grows = before.text !== "" && text.startsWith(before.text);
  const kept = grows ? before.tokens.slice(0, before.tail.index) : [];
  const offset = grows ? before.tail.offset : 0;
  const fresh = lex(text.slice(offset));
  return { text, tokens: [...kept, ...fresh], tail: tail(fresh, offset, kept.length) };
}

/** Parse a block that is still being written as if what is open in it were closed, so that nothing flickers. */
export function mended(raw: string): Token[] {
  return lex(remend(raw, { linkMode: "text-only", images: false, katex: false }));
}

function lex(text: string): Token[] {
  try {
    return [...new Lexer({ gfm: true }).lex(text)].map((token) => (isDeep(token) ? plain(token.raw) : token));
  } catch {
    return [plain(text)];
  }
}

// What is nested deeper than anybody writes would overflow the stack where it is drawn: it is shown as it is written.
const DEEPEST = 40;

function isDeep(token: Token, left = DEEPEST): boolean {
  if (!left) return true;
  const { tokens = [], items = [] } = token as { tokens?: readonly Token[]; items?: readonly Token[] };
  return [...tokens, ...items].some((inner) => isDeep(inner, left - 1));
}

function plain(raw: string): Token {
  return { type: "paragraph", raw, text: raw, tokens: [{ type: "text", raw, text: raw }] };
}

// Blocks that no blank line parts may still become one: what has one before it stands on its own.
function tail(tokens: readonly Token[], start: number, index: number): Blocks["tail"] {
  let last = { offset: start, index };
  let [offset, parted, before]: [number, boolean, Token | undefined] = [start, false, undefined];
  for (const [place, token] of tokens.entries()) {
    if (token.type !== "space") {
      if (parted && !mayJoin(before, token)) last = { offset, index: index + place };
      before = token;
    }
    parted = token.type === "space" || token.raw.endsWith("\n\n");
    offset += token.raw.length;
  }
  return last;
}

// Lists and indented code go on after a blank line, and a line that is not whole may yet turn out to be more of them.
function mayJoin(before: Token | undefined, token: Token): boolean {
  return (before?.type === "list" || before?.type === "code") && !token.raw.includes("\n");
}
