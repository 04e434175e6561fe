/** The page: the frame, and in it the view that the address stands for. Views beyond asking are loaded when needed. */
import { lazy, Suspense, useEffect } from "react";
import { AskPage } from "./ask/page";
import { RunPage } from "./run/page";
import { Boundary } from "./shell/boundary";
import { Frame } from "./shell/frame";
import { Link } from "./shell/link";
import { Waiting } from "./shell/notices";
import { ASK, href, type Route, useRoute } from "./shell/router";

const RunsPage = lazy(() => import("./runs/page").then((module) => ({ default: module.RunsPage })));
const HealthPage = lazy(() => import("./runs/health").then((module) => ({ default: module.HealthPage })));
const ComparePage = lazy(() => import("./compare/page").then((module) => ({ default: module.ComparePage })));
const SourcesPage = lazy(() => import("./sources/page").then((module) => ({ default: module.SourcesPage })));

export function App() {
  const route = useRoute();
  useEffect(() => {
    if (route.name !== "run") document.title = TITLES[route.name];
  }, [route.name]);
  return (
    <Frame route={route}>
      <Boundary at={href(route)}>
        <Suspense fallback={<Waiting text="Loading…" />}>
          <View route={route} />
        </Suspense>
      </Boundary>
    </Frame>
  );
}

const TITLES: Record<Exclude<Route["name"], "run">, string> = {
  ask: "Levada",
  runs: "Runs · Levada",
  health: "Steps · Levada",
  compare: "Compare · Levada",
  sources: "Sources · Levada",
  missing: "Not found · Levada",
};

function View({ route }: { route: Route }) {
  switch (route.name) {
    case "ask":
      return <AskPage question={route.question} source={route.source} />;
    case "run":
      return <RunPage runId={route.id} tab={route.tab} />;
    case "runs":
      return <RunsPage />;
    case "health":
      return <HealthPage />;
    case "compare":
      return <ComparePage left={route.left} right={route.right} />;
    case "sources":
      return <SourcesPage source={route.source} />;
    case "missing":
      return (
        <>
          <h1>There is no such page</h1>
          <p>
            Nothing is at <code>{route.path}</code>. <Link to={ASK}>Ask something</Link> instead.
          </p>
        </>
      );
  }
}
