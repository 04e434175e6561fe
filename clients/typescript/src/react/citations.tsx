// What a text rests on: ids in square brackets that whoever shows the text can lead to, such as "[q1, q3]".

import { createContext, createElement, Fragment, type ReactNode, useContext } from "react";

/** Draws the citation of an id; undefined where there is no such thing, and the text stays as it is written. */
export type Cite = (id: string) => ReactNode | undefined;

const Citing = createContext<Cite | undefined>(undefined);

export const CitationsProvider = Citing.Provider;

/** A text in which what it cites is drawn as the page wants it. */
export function Cited({ text }: { text: string }): ReactNode {
  const cite = useContext(Citing);
  if (!cite) return text;
  const parts = text.split(/(\[[^[\]\n]{1,300}\])/).map((part, place) => (place % 2 ? drawn(part, cite) : part));
  return createElement(Fragment, null, ...parts);
}

// All that stands between the brackets has to be known: else they are brackets like any others.
function drawn(bracket: string, cite: Cite): ReactNode {
  const nodes: ReactNode[] = [];
  for (const id of bracket.slice(1, -1).split(/[,;]/)) {
    const node = cite(id.trim());
    if (node === undefined) return bracket;
    nodes.push(node);
  }
  return createElement("span", { className: "levada-cited" }, ...nodes);
}
