// A query in colours. Loaded when the first one is shown, so that nobody waits for it.

import json from "highlight.js/lib/languages/json";
import sql from "highlight.js/lib/languages/sql";
import { createLowlight } from "lowlight";
import { memo, type ReactNode } from "react";

export interface HighlightedProps {
  language: string;
  text: string;
}

type Node = ReturnType<typeof lowlight.highlight>["children"][number];

const lowlight = createLowlight({ json, sql });

/** Show *text* as elements, never as HTML; a language that is not known stays plain. */
const Highlighted = memo(function Highlighted({ language, text }: HighlightedProps) {
  if (!lowlight.registered(language)) return text;
  return lowlight.highlight(language, text).children.map(element);
});

export default Highlighted;

function element(node: Node, index: number): ReactNode {
  if (node.type === "text") return node.value;
  if (node.type !== "element") return null;
  const names = node.properties.className;
  return (
    <span key={index} className={Array.isArray(names) ? names.join(" ") : undefined}>
      {node.children.map((child, place) => element(child as Node, place))}
    </span>
  );
}
