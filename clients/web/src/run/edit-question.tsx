/** A question that was asked, put otherwise: it is asked anew, and the earlier run stays as it is. */
import { type FormEvent, type KeyboardEvent, useState } from "react";

interface EditQuestionProps {
  question: string;
  busy: boolean;
  ask: (question: string) => Promise<boolean>;
  leave: () => void;
}

export function EditQuestion({ question, busy, ask, leave }: EditQuestionProps) {
  const [text, setText] = useState(question);

  async function submit(event?: FormEvent) {
    event?.preventDefault();
    if (text.trim() && (await ask(text.trim()))) leave();
  }

  function keyed(event: KeyboardEvent) {
    if (event.key === "Escape") leave();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  }

  return (
    <form className="edit-question" onSubmit={submit} aria-label="Ask it otherwise">
      <textarea
        className="field"
        aria-label="The question"
        rows={2}
        maxLength={10_000}
        value={text}
        // biome-ignore lint/a11y/noAutofocus: it was opened to be written in
        autoFocus
        onChange={(event) => setText(event.target.value)}
        onKeyDown={keyed}
      />
      <div className="toolbar">
        <button type="submit" className="button main" disabled={busy || !text.trim()}>
          Ask again
        </button>
        <button type="button" className="button" onClick={leave}>
          Leave it
        </button>
      </div>
    </form>
  );
}
