/** A run that is over, played again: at its own speed, slower, faster, or at once. */
import { count, duration } from "@levada/client/react";
import { useEvents } from "../developer/use-events";
import { AnswerTab } from "../run/answer-tab";
import { Icon } from "../shell/icons";
import { Problem, Waiting } from "../shell/notices";
import { type Replay, useReplay } from "./use-replay";

const SPEEDS = [0.1, 1, 4];

export function ReplayTab({ runId }: { runId: string }) {
  const { events, problem, whole } = useEvents(runId);
  if (problem) return <Problem text={problem} />;
  if (!whole || !events.length) return <Waiting text="Fetching what happened…" />;
  return <Played runId={runId} events={events} />;
}

function Played({ runId, events }: { runId: string; events: ReturnType<typeof useEvents>["events"] }) {
  const replay = useReplay(runId, events);
  return (
    <>
      <Controls replay={replay} events={events.length} />
      <AnswerTab state={replay.state} />
    </>
  );
}

function Controls({ replay, events }: { replay: Replay; events: number }) {
  const { playing, play, speed, setSpeed, elapsed, total, seek, shown } = replay;
  return (
    <fieldset className="replay-controls">
      <legend className="unseen">Replay</legend>
      <button type="button" className="button" onClick={() => play(!playing)}>
        <Icon name={playing ? "pause" : "play"} />{" "}
        <span>{playing ? "Pause" : elapsed >= total ? "Again" : "Play"}</span>
      </button>
      <span className="segments">
        {SPEEDS.map((each) => (
          <label key={each}>
            <input
              type="radio"
              className="unseen"
              name="speed"
              checked={speed === each}
              onChange={() => setSpeed(each)}
            />
            <span>{each}×</span>
          </label>
        ))}
        <button type="button" onClick={() => seek(total)}>
          At once
        </button>
      </span>
      <input
        type="range"
        aria-label="Moment"
        aria-valuetext={`${duration(elapsed)} of ${duration(total)}`}
        min={0}
        max={total || 1}
        step="any"
        value={elapsed}
        onChange={(event) => seek(Number(event.target.value))}
      />
      <span className="quiet replay-time">
        {duration(elapsed)} of {duration(total)} · {shown} of {count(events, "event")}
      </span>
    </fieldset>
  );
}
