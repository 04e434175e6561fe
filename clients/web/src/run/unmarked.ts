/** Markdown as plain text, where it is searched or compared. */

/** Return what a text says, whatever it looks like: one line of words, without marks, bullets and citations. */
export function wordsOf(text: string): string {
  return unmarked(text)
    .replace(/(^|\s)[-*•#]+(?=\s)/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** Return markdown without the marks and citations within its lines, to look for what stands in it. */
export function unmarked(text: string): string {
  return text.replace(/\*\*|`/g, "").replace(/ ?\[[\w.#-]+(?:[,;] ?[\w.#-]+)*\](?!\()/g, "");
}
