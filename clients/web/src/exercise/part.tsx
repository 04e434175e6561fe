/** What came of making an exercise: the exercise itself or why there is none, and how it was made. */
import type { RunState } from "@levada/client";
import { count } from "@levada/client/react";
import { Cards } from "./cards";
import { Exercise } from "./exercise";
import { usePlay } from "./play";

export function ExercisePart({ state }: { state: RunState }) {
  const [play, setPlay] = usePlay(state.runId);
  const made = state.assessment;
  const exercise = made?.exercise;
  return (
    <>
      {exercise ? <Exercise exercise={exercise} play={play} setPlay={setPlay} /> : null}
      {made ? (
        <p className="quiet">
          {[
            [made.difficulty, made.subTopic].filter(Boolean).join(": "),
            made.totalAttempts ? count(made.totalAttempts, "attempt") : "",
            made.qualityScore ? `the judge’s score is ${made.qualityScore} of 10` : "",
            exercise ? "" : made.message || `It stopped at step ${made.stoppedAtStep}.`,
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
      ) : null}
      <Cards state={state} secret={exercise !== undefined && !play.revealed} />
    </>
  );
}
