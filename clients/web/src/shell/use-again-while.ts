/** Looks again every few seconds, as long as what is shown is about to change and somebody looks at it. */
import { useEffect, useRef } from "react";

const BETWEEN = 3000;

export function useAgainWhile(changing: boolean, again: () => void): void {
  const latest = useRef(again);
  latest.current = again;
  useEffect(() => {
    if (!changing) return;
    const timer = setInterval(() => document.hidden || latest.current(), BETWEEN);
    return () => clearInterval(timer);
  }, [changing]);
}
