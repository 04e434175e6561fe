/** What a person clicked in an exercise, and whether it was revealed: kept while the page is open. */
import { useState } from "react";

/** Clicks there are. */
export const CLICKS = 3;

export interface Play {
  /** Words that were clicked, as "line:word", in that order. */
  readonly chosen: readonly string[];
  readonly revealed: boolean;
}

const plays = new Map<string, Play>();
const FRESH: Play = { chosen: [], revealed: false };

export function usePlay(runId: string): [Play, (play: Play) => void] {
  const [play, setPlay] = useState(plays.get(runId) ?? FRESH);
  return [
    play,
    (next) => {
      plays.set(runId, next);
      setPlay(next);
    },
  ];
}

/** Return *play* with a word chosen, or no longer chosen; one click more than there are changes nothing. */
export function clicked(play: Play, word: string): Play {
  if (play.revealed) return play;
  if (play.chosen.includes(word)) return { ...play, chosen: play.chosen.filter((each) => each !== word) };
  return play.chosen.length < CLICKS ? { ...play, chosen: [...play.chosen, word] } : play;
}
