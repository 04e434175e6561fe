// A button that copies a text and says so.

import { useEffect, useState } from "react";

const SAID_FOR = 1500;

/** Copy what `text()` gives. Hidden where the browser has no clipboard to write to (pages without HTTPS). */
export function CopyButton({ text, label = "Copy" }: { text: () => string; label?: string }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(""), SAID_FOR);
    return () => clearTimeout(timer);
  }, [said]);

  if (typeof navigator === "undefined" || !navigator.clipboard) return null;
  const copy = () =>
    navigator.clipboard.writeText(text()).then(
      () => setSaid("Copied"),
      () => setSaid("Could not copy"),
    );
  return (
    <button type="button" className="levada-button levada-quiet" onClick={copy}>
      <span aria-live="polite">{said || label}</span>
    </button>
  );
}
