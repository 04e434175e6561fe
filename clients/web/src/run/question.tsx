/** What was asked, as a heading; a long text is set smaller and scrolls by itself. */

const LONG = 240;

export function Question({ text }: { text: string }) {
  if (text.length <= LONG) return <h1 className="question">{text || "…"}</h1>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="question-long" tabIndex={0} aria-label="The question">
      <h1 className="question">{text}</h1>
    </section>
  );
}
