/** Two texts beside each other; what only one of them has is marked. */
import { type Change, diffLines, diffWordsWithSpace } from "diff";

interface TextDifferenceProps {
  title: string;
  by: "words" | "lines";
  left: string;
  right: string;
}

export function TextDifference({ title, by, left, right }: TextDifferenceProps) {
  if (!left && !right) return null;
  const changes = by === "lines" ? diffLines(left, right) : diffWordsWithSpace(left, right);
  const code = title === "Query";
  return (
    <section className="difference">
      <h2>
        {title} <span className="badge">{left === right ? "the same" : "differs"}</span>
      </h2>
      <div className="compare-columns">
        <Side changes={changes.filter((change) => !change.added)} code={code} />
        <Side changes={changes.filter((change) => !change.removed)} code={code} />
      </div>
    </section>
  );
}

function Side({ changes, code }: { changes: Change[]; code: boolean }) {
  return (
    <div className={code ? "card text-side code" : "card text-side"}>
      {changes.map((change, place) => {
        const key = `${place} ${change.value.length}`;
        if (change.removed) return <del key={key}>{change.value}</del>;
        if (change.added) return <ins key={key}>{change.value}</ins>;
        return <span key={key}>{change.value}</span>;
      })}
    </div>
  );
}
