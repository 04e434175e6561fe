/** What was wrong, what of it was found, and what the clicks were worth. */
import type { Exercise } from "@levada/client";
import { count, percent } from "@levada/client/react";
import type { Score } from "./words";

interface SolutionProps {
  errors: Exercise["errors"];
  hits: readonly (number | undefined)[];
  score: Score;
}

export function Solution({ errors, hits, score }: SolutionProps) {
  const { clicks, found, precision, recall, f1 } = score;
  return (
    <div className="solution" role="status">
      <p className="summary">
        F1 score {percent(f1)}: {count(found, "error")} of {errors.length} found with {count(clicks, "click")}.
      </p>
      <dl className="facts">
        <div>
          <dt>Precision</dt>
          <dd>
            {percent(precision)} <span className="quiet">of your clicks found an error</span>
          </dd>
        </div>
        <div>
          <dt>Recall</dt>
          <dd>
            {percent(recall)} <span className="quiet">of the errors were found</span>
          </dd>
        </div>
        <div>
          <dt>F1</dt>
          <dd>
            {percent(f1)} <span className="quiet">their harmonic mean: high only where both are</span>
          </dd>
        </div>
      </dl>
      <ol className="solution-errors">
        {errors.map(({ id, description }, place) => (
          <li key={id} data-found={hits.includes(place) || undefined}>
            <q>{id}</q> <span className="badge">{hits.includes(place) ? "✓ found" : "missed"}</span>
            <span className="block">{description}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
