/** Where a question is written: Enter asks, Shift and Enter begin a new line, Arrow up brings back the last one. */
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Icon } from "../shell/icons";
import { Wrong } from "../shell/notices";
import { usePreferences } from "../shell/preferences";
import { KindChoice } from "./kind-choice";
import { Options } from "./options";
import { INVITATIONS } from "./parameters";
import { USUAL, type Way } from "./request";
import { SourceChoice } from "./source-choice";
import { useAsking } from "./use-asking";

interface ComposerProps {
  /** The conversation that the question goes on with; empty for one of its own. */
  conversation?: string;
  /** What stands there at first. */
  question?: string;
  /** The sources that are chosen at first; none for whichever answers it. */
  sources?: readonly string[];
  placeholder: string;
  /** The kind of work that is chosen at first; empty for whichever fits. */
  pipeline?: string;
  /** The last question, for Arrow up. */
  last?: string | undefined;
  autoFocus?: boolean | undefined;
}

export function Composer({
  conversation = "",
  question = "",
  sources: first = [],
  placeholder,
  pipeline = "",
  last,
  autoFocus,
}: ComposerProps) {
  const [text, setText] = useState(question);
  const [sources, setSources] = useState<readonly string[]>(first);
  const [way, setWay] = useState<Way>({ ...USUAL, pipeline });
  const { approval } = usePreferences();
  const { ask, busy, problem } = useAsking();

  useEffect(() => setText(question), [question]);

  async function submit(event?: FormEvent) {
    event?.preventDefault();
    if (!text.trim() || busy) return;
    if (await ask({ ...way, question: text, sources, approval, conversation })) setText("");
  }

  return (
    <form className="composer" onSubmit={submit} aria-label="Ask">
      <Field {...{ text, setText, submit, last, autoFocus }} placeholder={INVITATIONS[way.pipeline] ?? placeholder} />
      <div className="composer-foot">
        <KindChoice way={way} setWay={setWay} />
        <SourceChoice chosen={sources} choose={setSources} />
        <Options way={way} setWay={setWay} />
        <button type="submit" className="button main send" disabled={busy || !text.trim()}>
          <Icon name="send" /> {busy ? "Asking…" : "Ask"}
        </button>
      </div>
      <Wrong text={problem} />
    </form>
  );
}

interface FieldProps extends Pick<ComposerProps, "placeholder" | "last" | "autoFocus"> {
  text: string;
  setText: (text: string) => void;
  submit: () => void;
}

function Field({ text, setText, submit, last, placeholder, autoFocus }: FieldProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (autoFocus) field.current?.focus({ preventScroll: true });
  }, [autoFocus]);

  function keyed(event: KeyboardEvent) {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      submit();
    }
    if (event.key === "ArrowUp" && !text && last) {
      event.preventDefault();
      setText(last);
    }
  }

  return (
    <>
      <label className="unseen" htmlFor="question">
        Your question
      </label>
      <textarea
        id="question"
        ref={field}
        className="composer-text"
        rows={1}
        maxLength={10_000}
        placeholder={placeholder}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={keyed}
      />
    </>
  );
}
