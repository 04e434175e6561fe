// A block of code that is coloured as soon as the highlighter is there, and plain until then.

import { type ComponentType, lazy, Suspense } from "react";
import type { HighlightedProps } from "./highlighted.js";

const Highlighted = lazy(
  (): Promise<{ default: ComponentType<HighlightedProps> }> =>
    import("./highlighted.js").catch(() => ({ default: Plain })),
);

/** Show *text* in its *language* ("sql", "json"); `writing` marks the place where more will come. */
export function Code({ language, text, writing = false }: HighlightedProps & { writing?: boolean }) {
  return (
    // A block that scrolls has to be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: as said
    <pre className="levada-code" tabIndex={0}>
      <code>
        <Suspense fallback={text}>
          <Highlighted language={language} text={text} />
        </Suspense>
        {writing ? <span className="levada-caret" aria-hidden="true" /> : null}
      </code>
    </pre>
  );
}

function Plain({ text }: HighlightedProps) {
  return text;
}
