/** Which address shows what, by the history API: every view of the page can be linked to, reloaded and gone back from. */
import { useSyncExternalStore } from "react";

export type RunTab = "answer" | "developer" | "replay";

export type Route =
  | { name: "ask"; question: string; source: string }
  | { name: "run"; id: string; tab: RunTab }
  | { name: "runs" }
  | { name: "health" }
  | { name: "compare"; left: string; right: string }
  | { name: "sources"; source: string }
  | { name: "missing"; path: string };

/** Return the route that an address stands for. */
export function parse(url: URL): Route {
  const parts = url.pathname.split("/").filter(Boolean).map(decoded);
  const [first = "", second = "", third = ""] = parts;
  if (parts.length > 3) return { name: "missing", path: url.pathname };
  const asked = (name: string) => url.searchParams.get(name) ?? "";
  if (first === "") return { name: "ask", question: asked("question"), source: asked("source") };
  if (first === "runs" && !second) return { name: "runs" };
  if (first === "runs" && (third === "" || third === "developer" || third === "replay"))
    return { name: "run", id: second, tab: third || "answer" };
  if (first === "steps" && !second) return { name: "health" };
  if (first === "compare" && !second) return { name: "compare", left: asked("left"), right: asked("right") };
  if (first === "sources" && !third) return { name: "sources", source: second };
  return { name: "missing", path: url.pathname };
}

/** Return the address of a route. */
export function href(route: Route): string {
  switch (route.name) {
    case "ask":
      return `/${searched({ question: route.question, source: route.source })}`;
    case "run":
      return `/runs/${encodeURIComponent(route.id)}${route.tab === "answer" ? "" : `/${route.tab}`}`;
    case "runs":
      return "/runs";
    case "health":
      return "/steps";
    case "compare":
      return `/compare${searched({ left: route.left, right: route.right })}`;
    case "sources":
      return route.source ? `/sources/${encodeURIComponent(route.source)}` : "/sources";
    case "missing":
      return route.path;
  }
}

/** The first page, with nothing asked yet. */
export const ASK: Route = { name: "ask", question: "", source: "" };

function searched(parameters: Record<string, string>): string {
  const said = Object.entries(parameters).filter(([, value]) => value);
  return said.length ? `?${new URLSearchParams(said)}` : "";
}

const MOVED = "levada:moved";

/** Go to a route. With *replace* the present one is not gone back to. */
export function navigate(route: Route, { replace = false } = {}): void {
  const address = href(route);
  if (address === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
  dispatchEvent(new Event(MOVED));
}

/** Return the present route, and follow it. */
export function useRoute(): Route {
  const address = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  return parse(new URL(address, location.origin));
}

function subscribe(changed: () => void): () => void {
  addEventListener("popstate", changed);
  addEventListener(MOVED, changed);
  return () => {
    removeEventListener("popstate", changed);
    removeEventListener(MOVED, changed);
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
