/** A run that is followed, in one of its three views (the answer, the developer's, the replay), and a next question. */
import type { RunJson } from "@levada/client";
import { ConnectionState, useRun } from "@levada/client/react";
import { lazy, Suspense, useEffect } from "react";
import { Composer } from "../ask/composer";
import { nextKind } from "../ask/parameters";
import { runsChanged } from "../shell/levada";
import { Link } from "../shell/link";
import { Waiting, Wrong } from "../shell/notices";
import type { RunTab } from "../shell/router";
import { AnswerTab } from "./answer-tab";
import { RunHead } from "./head";

const DeveloperTab = lazy(() => import("../developer/tab").then((module) => ({ default: module.DeveloperTab })));
const ReplayTab = lazy(() => import("../replay/tab").then((module) => ({ default: module.ReplayTab })));

const TABS: readonly { tab: RunTab; label: string }[] = [
  { tab: "answer", label: "Answer" },
  { tab: "developer", label: "Developer" },
  { tab: "replay", label: "Replay" },
];

export function LiveRun({ runId, tab, run }: { runId: string; tab: RunTab; run: RunJson | undefined }) {
  // Nobody looks at a hidden tab; it goes on from the same place once it is seen.
  const followed = useRun(runId, { pauseWhenHidden: true });
  const { state, connection, error } = followed;
  const over = state.end !== undefined;
  useEffect(() => {
    if (over) runsChanged();
  }, [over]);
  return (
    <>
      <article className="run">
        <RunHead followed={followed} run={run} />
        <ConnectionState connection={connection} onReconnect={() => followed.store.reconnect()} />
        <Wrong text={error?.detail} />
        <nav className="tabs" aria-label="Views of this run">
          {TABS.filter((each) => over || each.tab !== "replay").map((each) => (
            <Link
              key={each.tab}
              to={{ name: "run", id: runId, tab: each.tab }}
              aria-current={each.tab === tab ? "page" : undefined}
            >
              {each.label}
            </Link>
          ))}
        </nav>
        <Suspense fallback={<Waiting text="Loading…" />}>
          {tab === "answer" ? <AnswerTab state={state} followed={followed} run={run} /> : null}
          {tab === "developer" ? <DeveloperTab state={state} /> : null}
          {tab === "replay" ? <ReplayTab runId={runId} /> : null}
        </Suspense>
      </article>
      {over && run && tab === "answer" ? <Next run={run} /> : null}
    </>
  );
}

function Next({ run }: { run: RunJson }) {
  const { question = "", conversationId = "", sources = [], pipeline } = run.request ?? {};
  return (
    <Composer
      conversation={conversationId}
      last={question}
      sources={sources}
      pipeline={nextKind(pipeline)}
      placeholder="Ask on, for instance “and by month?”"
    />
  );
}
