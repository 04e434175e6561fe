// A query on one line, as the guard writes it, in lines as people read it: only its white space is changed.

// Strings and names in quotes are taken whole; where engines disagree on what ends one, nothing is changed.
const UNSURE = /[\\$#\n]|--|\/\*/;
const WORDS = /(\s*)('(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|[(),]|[^\s'"`(),]+)/g;
const CLAUSE = /^(SELECT|FROM|WHERE|GROUP|ORDER|HAVING|LIMIT|OFFSET|UNION|INTERSECT|EXCEPT|WINDOW)$/i;
const JOIN = /^(LEFT|RIGHT|FULL|INNER|CROSS|NATURAL|JOIN)$/i;
// After these, what would begin a clause or a join belongs to something else.
const GOES_ON = /^(WITHIN|DISTINCT|LEFT|RIGHT|FULL|INNER|CROSS|NATURAL|OUTER)$/i;
const SHORT = 60;

interface Bracket {
  /** Whether a query stands in it, or an expression. */
  readonly query: boolean;
  /** The clause that is being read, and whether an AND is still to come that only joins two bounds. */
  clause: string;
  between: boolean;
}

/** Return *sql* with a line for each clause, join, condition and selected value; as it is where that is not sure. */
export function inLines(sql: string): string {
  const words = [...sql.matchAll(WORDS)].map(([, gap = "", word = ""]) => ({ gap, word }));
  const whole = words.map(({ gap, word }) => gap + word).join("");
  if (sql.length <= SHORT || UNSURE.test(sql) || whole !== sql) return sql;
  const open: Bracket[] = [{ query: true, clause: "", between: false }];
  let lines = "";
  for (const [at, { gap, word }] of words.entries()) {
    const [before = "", after = ""] = [words[at - 1]?.word, words[at + 1]?.word];
    const closed = word === ")" && open.length > 1 ? open.pop() : undefined;
    const around = open.at(-1);
    const indent = closed ? closed.query && "" : around?.query && indented(around, before, word, after);
    const margin = "  ".repeat(open.filter(({ query }) => query).length - 1);
    lines += (typeof indent === "string" ? `\n${margin}${indent}` : gap) + word;
    if (word === "(") open.push({ query: /^(SELECT|WITH)$/i.test(after), clause: "", between: false });
  }
  return lines.trimStart();
}

/** Return how far the line is indented that *word* begins; nothing where it begins none. */
function indented(query: Bracket, before: string, word: string, after: string): string | undefined {
  if (CLAUSE.test(word) && !GOES_ON.test(before)) {
    query.clause = word.toUpperCase();
    return "";
  }
  if (JOIN.test(word) && after !== "(" && !GOES_ON.test(before)) {
    query.clause = "JOIN";
    return "";
  }
  if (/^BETWEEN$/i.test(word)) query.between = true;
  if (/^AND$/i.test(word) && query.between) query.between = false;
  else if (/^(AND|OR)$/i.test(word) && query.clause === "WHERE") return "  ";
  return before === "," && query.clause === "SELECT" ? "  " : undefined;
}
