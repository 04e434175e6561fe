/** What was looked at in what a step made: it stops nothing, but says how good it is. */
import type { QualityCheck } from "@levada/client";

export function Checks({ checks }: { checks: readonly QualityCheck[] }) {
  if (!checks.length) return null;
  return (
    <ul className="checks" aria-label="Checks">
      {checks.map(({ name, passed, message }) => (
        <li key={name} data-passed={passed}>
          <span aria-hidden="true">{passed ? "✓" : "✗"}</span>{" "}
          <span className="unseen">{passed ? "passed:" : "not passed:"}</span> {name.replaceAll("_", " ")}
          {message ? <span className="quiet"> {message}</span> : null}
        </li>
      ))}
    </ul>
  );
}
