// A text that comes in pieces of any size, shown as it would be written: steadily, and never far behind.

import { useEffect, useState } from "react";

// What has come is shown within about this many frames, at least a few characters in each.
const FRAMES = 20;
const LEAST = 2;

/** Return how much of *text* to show. A text that was whole from the start is shown at once. */
export function useRevealed(text: string, writing: boolean): string {
  const [moves] = useState(() => writing && !still());
  const [length, setLength] = useState(moves ? 0 : text.length);
  const behind = moves && length < text.length;

  useEffect(() => {
    if (!behind) return;
    const frame = requestAnimationFrame(() => setLength(next(text, length)));
    return () => cancelAnimationFrame(frame);
  }, [behind, text, length]);

  return behind ? text.slice(0, length) : text;
}

function next(text: string, length: number): number {
  const end = Math.min(text.length, length + Math.max(LEAST, Math.ceil((text.length - length) / FRAMES)));
  // Not between the two halves of one sign.
  return /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? Math.min(text.length, end + 1) : end;
}

/** Whether nothing may move: for people who asked for that, on a server, and where nobody looks and no frame is drawn. */
function still(): boolean {
  return typeof document === "undefined" || document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches;
}
