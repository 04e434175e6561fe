// A query: as it is written, whether the guard let it pass, how long it took.

import type { Operation, Query } from "../state.js";
import { Code } from "./code.js";
import { CopyButton } from "./copy-button.js";
import { inLines } from "./sql-lines.js";
import { count, duration, percent } from "./words.js";

export interface SqlViewProps {
  query: Query;
  /** The work of a source on it: `state.plan.operations.get(query.id)`. */
  operation?: Operation | undefined;
  /** Whether the run still goes on. */
  live?: boolean;
}

const AUTHORS: Readonly<Record<string, string>> = {
  offline: "by the offline planner",
  repair: "repaired",
  person: "by a person",
};

/** Show a query in any of the sources' languages. */
export function SqlView({ query, operation, live = false }: SqlViewProps) {
  const writing = live && query.state === "writing";
  return (
    <section className="levada-sql" data-state={query.state} aria-label={`Query ${query.source}`.trim()}>
      <header>
        <h3>{query.language === "sql" || !query.language ? "SQL" : query.language}</h3>
        <span className="levada-tag" data-state={query.state} role="status">
          {validation(query, writing)}
        </span>
        <span className="levada-facts">{facts(query, operation, live)}</span>
        <CopyButton text={() => query.text} />
      </header>
      <Code language={syntax(query)} text={query.text} writing={writing} />
      {query.explanation ? <p className="levada-explanation">{query.explanation}</p> : null}
      {query.unusedWords.length > 0 ? (
        <p className="levada-warning">⚠ Not used: {query.unusedWords.join(", ")}</p>
      ) : null}
      {query.state === "refused" ? <p className="levada-wrong">{query.message || "The query was refused."}</p> : null}
      {query.validatedText && query.validatedText !== query.text ? (
        <details>
          <summary>As it runs</summary>
          <Code language={syntax(query)} text={lines(query)} />
        </details>
      ) : null}
    </section>
  );
}

function validation(query: Query, writing: boolean): string {
  if (writing) return "being written…";
  if (query.state === "writing") return "not finished";
  if (query.state === "proposed") return "not checked yet";
  if (query.state === "refused") return query.rule ? `✗ refused (${query.rule})` : "✗ refused";
  return query.rowLimit ? `✓ checked, at most ${count(query.rowLimit, "row")}` : "✓ checked";
}

function facts(query: Query, operation: Operation | undefined, live: boolean): string {
  const author = query.author ? (AUTHORS[query.author] ?? `by ${query.author}`) : "";
  const sure = query.confidence === undefined ? "" : `${percent(query.confidence)} sure`;
  return [query.source, author, sure, timing(operation, live)].filter(Boolean).join(" · ");
}

function timing(operation: Operation | undefined, live: boolean): string {
  if (operation?.state === "running") return live ? "running…" : "";
  if (operation?.duration === undefined) return "";
  const took = duration(operation.duration);
  return operation.rows === undefined ? took : `${count(operation.rows, "row")} in ${took}`;
}

function lines({ language, validatedText }: Query): string {
  return language === "sql" ? inLines(validatedText) : validatedText;
}

// While it is written nobody has said yet what language it is in.
function syntax(query: Query): string {
  if (query.language === "sql") return "sql";
  return /^\s*[[{]/.test(query.text) ? "json" : query.language ? "" : "sql";
}
