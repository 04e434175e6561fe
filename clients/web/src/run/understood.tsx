/** What the question was taken to mean: which sources, which words are which values, what could not be looked up. */
import type { RunState } from "@levada/client";

export function Understood({ state }: { state: RunState }) {
  const schemas = state.schemas.values();
  const problems = [...new Set(schemas.flatMap((schema) => schema.problems))];
  const values = schemas.flatMap((schema) => schema.linkedValues);
  const definitions = [...new Set(schemas.flatMap((schema) => schema.definitions))];
  if (!state.sources.length && !values.length && !problems.length && !definitions.length) return null;
  return (
    <section className="understood" aria-label="What was understood">
      <ul>
        {state.sources.map(({ source, cause }) => (
          <li key={source}>
            <span className="badge">{source}</span> {cause}
          </li>
        ))}
        {values.map(({ words, table, column, value }) => (
          <li key={`${words} ${table}.${column}`}>
            “{words}” is{" "}
            <code>
              {table}.{column}
            </code>{" "}
            = {value}
          </li>
        ))}
        {definitions.length ? <li>By your definition of {definitions.join(", ")}.</li> : null}
        {problems.map((problem) => (
          <li key={problem} className="warning">
            ⚠ {problem}
          </li>
        ))}
      </ul>
    </section>
  );
}
