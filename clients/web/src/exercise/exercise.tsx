/** An exercise: a text, some of it wrong. Click what you think is wrong; then it is revealed and scored. */
import type { Exercise as Given } from "@levada/client";
import { count } from "@levada/client/react";
import { useMemo } from "react";
import { CLICKS, clicked, type Play } from "./play";
import { Solution } from "./solution";
import { Text } from "./text";
import { lines, score } from "./words";

interface ExerciseProps {
  exercise: Given;
  play: Play;
  setPlay: (play: Play) => void;
}

export function Exercise({ exercise, play, setPlay }: ExerciseProps) {
  const read = useMemo(() => lines(exercise), [exercise]);
  const hits = play.chosen.map((place) => {
    const [line = 0, word = 0] = place.split(":").map(Number);
    return read[line]?.[word]?.error;
  });
  const left = CLICKS - play.chosen.length;
  return (
    <section className="exercise card" aria-labelledby="exercise">
      <header>
        <h2 id="exercise">{exercise.title}</h2>
        <span className="badge">{exercise.difficulty}</span> <span className="badge">{exercise.contentType}</span>
      </header>
      {play.revealed ? null : (
        <p>
          Some of this is wrong. Click what you think is: you have {count(CLICKS, "click")}.{" "}
          <span className="quiet">With the keyboard: arrow keys to move, Enter to click.</span>
        </p>
      )}
      <Text
        lines={read}
        play={play}
        prose={exercise.contentType === "prose" || exercise.contentType === "email"}
        click={(word) => setPlay(clicked(play, word))}
      />
      {play.revealed ? (
        <Solution errors={exercise.errors} hits={hits} score={score(hits, exercise.errors.length)} />
      ) : (
        <div className="toolbar">
          <button type="button" className="button main" onClick={() => setPlay({ ...play, revealed: true })}>
            {play.chosen.length ? "Reveal the errors" : "I give up, reveal them"}
          </button>
          <span className="quiet" role="status">
            {left === CLICKS
              ? ""
              : left
                ? `${count(left, "click")} left`
                : "No click left: click a word again to take it back."}
          </span>
        </div>
      )}
      {play.revealed ? (
        <button type="button" className="button" onClick={() => setPlay({ chosen: [], revealed: false })}>
          Try again
        </button>
      ) : null}
    </section>
  );
}
