// What of a scrolled area can be seen: where it is scrolled to, and how high it is.

import { type RefObject, useCallback, useLayoutEffect, useState } from "react";

export interface View {
  readonly top: number;
  readonly height: number;
  /** To be told of each scroll event. */
  readonly scrolled: () => void;
}

/** Follow *area*, of whose height *reserved* pixels are taken by what does not scroll. */
export function useView(area: RefObject<HTMLElement | null>, reserved: number): View {
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(0);

  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    const measure = () => setHeight(Math.max(0, element.clientHeight - reserved));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [area, reserved]);

  const scrolled = useCallback(() => setTop(area.current?.scrollTop ?? 0), [area]);
  return { top, height, scrolled };
}
