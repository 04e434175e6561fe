/** What a view says while it waits, and when it can't be shown. */

export function Waiting({ text }: { text: string }) {
  return (
    <p className="waiting quiet" role="status">
      <span className="spinner" aria-hidden="true" /> {text}
    </p>
  );
}

/** What went wrong with what was just tried; nothing when *text* is empty. */
export function Wrong({ text }: { text: string | undefined }) {
  return text ? (
    <p className="wrong" role="alert">
      {text}
    </p>
  ) : null;
}

export function Problem({ text, again }: { text: string; again?: () => void }) {
  return (
    <div className="problem" role="alert">
      <p>{text}</p>
      {again ? (
        <button type="button" className="button" onClick={again}>
          Try again
        </button>
      ) : null}
    </div>
  );
}
