/** Every event of a run: what, when, and all of it as JSON. Long logs are shown from their end. */

import type { EventJson } from "@levada/client";
import { count } from "@levada/client/react";
import { memo, useState } from "react";
import { GLYPHS, gist, kindOf, nameOf } from "./event";

const SHOWN = 200;

export function EventLog({ events, origin }: { events: readonly EventJson[]; origin: number | undefined }) {
  const [wanted, setWanted] = useState("");
  const [most, setMost] = useState(SHOWN);
  const found = wanted ? events.filter((event) => matches(event, wanted)) : events;
  const hidden = Math.max(0, found.length - most);
  return (
    <>
      <div className="toolbar">
        <input
          type="search"
          className="field"
          placeholder="Find in the events"
          aria-label="Find in the events"
          value={wanted}
          onChange={(event) => setWanted(event.target.value.trim().toLowerCase())}
        />
        <span className="quiet" role="status">
          {wanted ? `${found.length} of ` : ""}
          {count(events.length, "event")}
        </span>
      </div>
      {hidden ? (
        <button type="button" className="button" onClick={() => setMost(most + 1000)}>
          Show {count(Math.min(1000, hidden), "earlier event")}
        </button>
      ) : null}
      <ol className="event-log">
        {found.slice(hidden).map((event) => (
          <Line key={event.sequence} event={event} origin={origin} />
        ))}
      </ol>
    </>
  );
}

function matches(event: EventJson, wanted: string): boolean {
  return `${nameOf(event)} ${event.step ?? ""} ${gist(event)}`.toLowerCase().includes(wanted);
}

const Line = memo(function Line({ event, origin }: { event: EventJson; origin: number | undefined }) {
  const [open, setOpen] = useState(false);
  const name = nameOf(event);
  const kind = kindOf(name);
  const seconds = (Date.parse(event.time ?? "") - (origin ?? Number.NaN)) / 1000;
  const after = Number.isNaN(seconds) ? "" : `+${seconds.toFixed(3)} s`;
  return (
    <li>
      <details data-kind={kind} onToggle={(toggled) => setOpen(toggled.currentTarget.open)}>
        <summary>
          <span className="event-number">{event.sequence}</span>
          <span className="event-time" title={event.time}>
            {after}
          </span>
          <span className="event-name">
            {GLYPHS[kind]} {name}
          </span>
          <span className="event-step">{event.step}</span>
          <span className="event-gist">{gist(event)}</span>
        </summary>
        {open ? <pre className="json">{JSON.stringify(event, null, 2)}</pre> : null}
      </details>
    </li>
  );
});
