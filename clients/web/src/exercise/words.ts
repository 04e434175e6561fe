/** An exercise as words to click on, and what the clicks were worth. */
import type { Exercise } from "@levada/client";

/** A word, or the space between two. `error` is the number of the error that it belongs to. */
export interface Word {
  readonly text: string;
  readonly space: boolean;
  readonly error: number | undefined;
}

export type Line = readonly Word[];

/** Return the lines without the marks around their errors. What looks like a mark but marks no error is text. */
export function lines({ content, errors }: Exercise): readonly Line[] {
  return content.map((line) => {
    const { text, spans } = unmarked(line, errors);
    return split(text, spans);
  });
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly error: number;
}

function unmarked(line: string, errors: Exercise["errors"]): { text: string; spans: Span[] } {
  const spans: Span[] = [];
  let text = line;
  for (const [error, { id }] of errors.entries()) {
    const from = text.indexOf(`<<${id}>>`);
    if (from < 0) continue;
    text = text.slice(0, from) + id + text.slice(from + id.length + 4);
    for (const [place, span] of spans.entries())
      if (span.from > from) spans[place] = { ...span, from: span.from - 4, to: span.to - 4 };
    spans.push({ from, to: from + id.length, error });
  }
  return { text, spans };
}

function split(text: string, spans: readonly Span[]): Line {
  let from = 0;
  return text
    .split(/(\s+)/)
    .filter(Boolean)
    .map((part) => {
      const [start, end] = [from, from + part.length];
      from = end;
      const error = spans.find((span) => span.from < end && start < span.to)?.error;
      return { text: part, space: !part.trim(), error };
    });
}

/** How well errors were told from what is right: shares from 0 to 1. */
export interface Score {
  readonly clicks: number;
  readonly found: number;
  readonly errors: number;
  /** Of the clicks, those that found an error; a second click on the same one finds nothing more. */
  readonly precision: number;
  /** Of the errors, those that were found. */
  readonly recall: number;
  /** The harmonic mean of both (van Rijsbergen 1979). */
  readonly f1: number;
}

/** Return what clicks on words of these *hits* (the error of each word, if any) are worth. */
export function score(hits: readonly (number | undefined)[], errors: number): Score {
  const found = new Set(hits.filter((hit) => hit !== undefined)).size;
  const precision = hits.length ? found / hits.length : 0;
  const recall = errors ? found / errors : 0;
  const f1 = found ? (2 * precision * recall) / (precision + recall) : 0;
  return { clicks: hits.length, found, errors, precision, recall, f1 };
}
