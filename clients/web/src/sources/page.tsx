/** The sources there are: what each holds, and how its parts hang together. */
import { useLevada } from "@levada/client/react";
import { Link } from "../shell/link";
import { useLoaded } from "../shell/loading";
import { Problem, Waiting } from "../shell/notices";
import { SourceDetail } from "./detail";

export function SourcesPage({ source }: { source: string }) {
  const client = useLevada();
  const { value: sources, problem, again } = useLoaded(() => client.sources(), "sources");
  if (problem) return <Problem text={problem} again={again} />;
  if (!sources) return <Waiting text="Looking at the sources…" />;
  const shown = sources.find((each) => each.name === source) ?? (source ? undefined : sources[0]);
  return (
    <>
      <header className="page-head">
        <h1>Sources</h1>
        <p className="quiet">What can be asked here: tables, their keys, and what is in them.</p>
      </header>
      {sources.length === 0 ? (
        <p>There is no source yet. Set LEVADA_SOURCE to one, or name several in levada.toml.</p>
      ) : null}
      <nav className="source-list" aria-label="Sources">
        {sources.map((each) => (
          <Link
            key={each.name}
            to={{ name: "sources", source: each.name ?? "" }}
            className="source-card"
            aria-current={each === shown ? "page" : undefined}
          >
            <span className="source-name">
              <span className="dot" data-state={each.state === "SOURCE_STATE_UNAVAILABLE" ? "down" : "up"} />
              {each.name}
              <span className="badge">{each.kind}</span>
            </span>
            <span className="quiet">{each.problem || each.description}</span>
          </Link>
        ))}
      </nav>
      {shown ? <SourceDetail key={shown.name} source={shown} /> : null}
      {source && !shown ? <p role="alert">There is no source “{source}”.</p> : null}
    </>
  );
}
