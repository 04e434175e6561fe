/** Pause, resume, cancel: what was asked for is said until it is so. */
import type { FollowedRun } from "@levada/client/react";
import { useState } from "react";
import { Icon, type IconName } from "../shell/icons";
import { said } from "../shell/loading";

type Verb = "pause" | "resume" | "cancel";

const UNDER_WAY: Record<Verb, string> = {
  pause: "Pausing before the next step…",
  resume: "Going on…",
  cancel: "Cancelling…",
};

export function Steering({ followed }: { followed: FollowedRun }) {
  const { phase } = followed.state;
  const [asked, setAsked] = useState<{ verb: Verb; phase: string }>();
  const [problem, setProblem] = useState("");
  if (followed.state.end) return null;
  const waits = asked?.phase === phase ? asked.verb : undefined;

  async function steer(verb: Verb) {
    setAsked({ verb, phase });
    setProblem("");
    try {
      await followed.store[verb]();
      // The gateway answers: what comes of it need not wait for the next try.
      if (followed.connection.kind === "retrying") followed.store.reconnect();
    } catch (error) {
      setAsked(undefined);
      setProblem(said(error));
    }
  }

  const button = (verb: Verb, icon: IconName, label: string) => (
    <button type="button" className="button" onClick={() => steer(verb)} disabled={waits === verb}>
      <Icon name={icon} /> <span>{label}</span>
    </button>
  );
  return (
    <>
      {phase === "paused" || waits === "pause" ? button("resume", "play", "Resume") : button("pause", "pause", "Pause")}
      {button("cancel", "stop", "Cancel")}
      <span className="quiet" role="status">
        {problem || (waits ? UNDER_WAY[waits] : "")}
      </span>
    </>
  );
}
