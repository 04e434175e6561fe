/** All runs, newest first: found by words or state, chosen in pairs to be compared. */
import type { RunJson } from "@levada/client";
import { count, useRuns } from "@levada/client/react";
import { useEffect, useState } from "react";
import { asTheyStand, ended } from "../run/ended";
import { Icon } from "../shell/icons";
import { useRunsRound } from "../shell/levada";
import { Problem, Waiting } from "../shell/notices";
import { navigate } from "../shell/router";
import { useAgainWhile } from "../shell/use-again-while";
import { RunRow } from "./run-row";
import { matches, STATES } from "./search";

const PAGE = 100;

export function RunsPage() {
  const { runs, loading, error, hasMore, more, refresh } = useRuns({ pageSize: PAGE });
  const [words, setWords] = useState("");
  const [state, setState] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const round = useRunsRound();
  useEffect(() => {
    if (round) refresh();
  }, [round, refresh]);
  useAgainWhile(runs.length <= PAGE && !runs.every(ended), refresh, asTheyStand(runs));
  // What is searched for may stand on a page that is not here yet.
  useEffect(() => {
    if (words && hasMore && !loading && !error) more();
  }, [words, hasMore, loading, error, more]);

  const found = runs.filter((run) => matches(run, words, state));
  const choose = (id: string) =>
    setChosen(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen.slice(-1), id]);
  return (
    <>
      <header className="page-head">
        <h1>Runs</h1>
        <p className="quiet">Every question that was asked, with how it went.</p>
      </header>
      <div className="toolbar">
        <Sought words={words} setWords={setWords} state={state} setState={setState} />
        <span className="quiet" role="status">
          {words || state ? `${found.length} of ` : ""}
          {count(runs.length, "run")}
          {hasMore ? " so far" : ""}
        </span>
        <CompareButton chosen={chosen} />
      </div>
      {error ? <Problem text={error.detail} again={refresh} /> : null}
      {loading && !runs.length ? <Waiting text="Looking them up…" /> : null}
      {!loading && !found.length && !error ? <p className="empty">{emptiness(runs)}</p> : null}
      <ul className="run-list">
        {found.map((run) => (
          <RunRow key={run.runId} run={run} chosen={chosen.includes(run.runId ?? "")} choose={choose} />
        ))}
      </ul>
      {hasMore ? (
        <button type="button" className="button" onClick={more} disabled={loading}>
          {loading ? "Looking…" : "Show older ones"}
        </button>
      ) : null}
    </>
  );
}

interface SoughtProps {
  words: string;
  setWords: (words: string) => void;
  state: string;
  setState: (state: string) => void;
}

function Sought({ words, setWords, state, setState }: SoughtProps) {
  return (
    <>
      <input
        type="search"
        className="field"
        placeholder="Find in questions and answers"
        aria-label="Find in questions and answers"
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <select className="field" aria-label="State" value={state} onChange={(event) => setState(event.target.value)}>
        <option value="">In any state</option>
        {STATES.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </>
  );
}

function emptiness(runs: readonly RunJson[]): string {
  return runs.length ? "No run is like that." : "Nothing was asked yet.";
}

function CompareButton({ chosen }: { chosen: readonly string[] }) {
  const [right = "", left = ""] = chosen;
  return (
    <button
      type="button"
      className="button"
      disabled={chosen.length < 2}
      title="Choose two runs"
      onClick={() => navigate({ name: "compare", left, right })}
    >
      <Icon name="compare" /> <span>Compare two</span>
    </button>
  );
}
