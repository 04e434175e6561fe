/** Citations of queries: each leads to the query itself, wherever on the page it is shown. */
import type { RunState } from "@levada/client";
import { CitationsProvider } from "@levada/client/react";
import { type MouseEvent, type ReactNode, useCallback } from "react";

/** Within it, texts that cite a query of the run lead to it. */
export function Citing({ state, children }: { state: RunState; children: ReactNode }) {
  const { queries } = state;
  const cite = useCallback((id: string) => (queries.has(id) ? <Leading key={id} id={id} /> : undefined), [queries]);
  return <CitationsProvider value={cite}>{children}</CitationsProvider>;
}

export function QueryLink({ id, state }: { id: string; state: RunState }) {
  return state.queries.has(id) ? <Leading id={id} /> : null;
}

/** The id of the element that shows a query. */
export function placeOf(id: string): string {
  return `query-${id}`;
}

function Leading({ id }: { id: string }) {
  return (
    <a className="cite" href={`#${placeOf(id)}`} onClick={(event) => lead(event, placeOf(id))} title={`Query ${id}`}>
      {id}
    </a>
  );
}

// What is folded away is opened, so that it can be seen.
function lead(event: MouseEvent, place: string): void {
  const root = event.currentTarget.getRootNode() as Document | ShadowRoot;
  const target = root.getElementById(place);
  if (!target) return;
  event.preventDefault();
  for (let each: Element | null = target; each; each = each.parentElement) {
    if (each instanceof HTMLDetailsElement) each.open = true;
  }
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
}
