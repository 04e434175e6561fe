/** Markdown as plain text, where it is searched or compared. */

/** Return markdown without the marks and citations within its lines, to look for what stands in it. */
export function unmarked(text: string): string {
  return text.replace(/\*\*|`/g, "").replace(/ ?\[[\w.#-]+(?:[,;] ?[\w.#-]+)*\](?!\()/g, "");
}
