/** The text of an exercise, word by word. Which words are wrong is not on the page before it is revealed. */
import { type KeyboardEvent, memo, useRef, useState } from "react";
import type { Play } from "./play";
import type { Line, Word } from "./words";

interface TextProps {
  lines: readonly Line[];
  play: Play;
  /** Whether it is set as prose, not as code. */
  prose: boolean;
  click: (word: string) => void;
}

export function Text({ lines, play, prose, click }: TextProps) {
  const place = useRef<HTMLOListElement>(null);
  // Only one word is reached by Tab: from there arrow keys go on.
  const [current, setCurrent] = useState("");
  const first = current || firstOf(lines);

  function keyed(event: KeyboardEvent) {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const along = event.key === "ArrowRight" || event.key === "ArrowLeft";
    const words = [...(place.current?.querySelectorAll("button") ?? [])];
    const at = words.indexOf(event.target as HTMLButtonElement);
    const next = along ? words[at + step] : nextLine(words, at, step);
    next?.focus();
  }

  return (
    <ol className="exercise-text" data-prose={prose || undefined} ref={place} onKeyDown={keyed}>
      {lines.map((line, number) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines neither come nor go
        <li key={number}>
          {line.map((word, place) => {
            const at = `${number}:${place}`;
            return word.space ? (
              <Space key={at} word={word} revealed={play.revealed} />
            ) : (
              <Clickable
                key={at}
                at={at}
                word={word}
                begins={word.error !== line[place - 1]?.error}
                chosen={play.chosen.includes(at)}
                revealed={play.revealed}
                reached={at === first}
                click={click}
                focused={setCurrent}
              />
            );
          })}
        </li>
      ))}
    </ol>
  );
}

interface ClickableProps {
  at: string;
  word: Word;
  /** Whether an error begins with it, if it belongs to one. */
  begins: boolean;
  chosen: boolean;
  revealed: boolean;
  reached: boolean;
  click: (word: string) => void;
  focused: (word: string) => void;
}

function Clickable({ at, word, begins, chosen, revealed, reached, click, focused }: ClickableProps) {
  if (revealed) return <Revealed word={word} begins={begins} chosen={chosen} />;
  return (
    <button
      type="button"
      className="word"
      aria-pressed={chosen}
      tabIndex={reached ? 0 : -1}
      onClick={() => click(at)}
      onFocus={() => focused(at)}
    >
      {word.text}
    </button>
  );
}

function Space({ word, revealed }: { word: Word; revealed: boolean }) {
  return revealed && word.error !== undefined ? <mark>{word.text}</mark> : word.text;
}

const Revealed = memo(function Revealed({ word, begins, chosen }: Pick<ClickableProps, "word" | "begins" | "chosen">) {
  if (word.error !== undefined)
    return (
      <mark data-chosen={chosen || undefined}>
        {word.text}
        {begins ? <span className="unseen"> (error {word.error + 1})</span> : null}
      </mark>
    );
  return chosen ? <s className="mistaken">{word.text}</s> : word.text;
});

function firstOf(lines: readonly Line[]): string {
  const line = lines.findIndex((words) => words.some((word) => !word.space));
  return `${line}:${lines[line]?.findIndex((word) => !word.space)}`;
}

/** Return the first word of the line below or above. */
function nextLine(words: readonly HTMLButtonElement[], at: number, step: number): HTMLButtonElement | undefined {
  const lines = [...new Set(words.map((word) => word.parentElement))];
  const line = lines[lines.indexOf(words[at]?.parentElement ?? null) + step];
  return line ? words.find((word) => word.parentElement === line) : undefined;
}
