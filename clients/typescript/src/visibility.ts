// What the browser tells of the page: hidden or seen, offline or online. Elsewhere nothing ever changes.

const page = () => (typeof document === "undefined" ? undefined : document);

export function isHidden(): boolean {
  return page()?.visibilityState === "hidden";
}

/** Call *listener* when the page becomes hidden or seen, until *signal* is aborted. */
export function onVisibility(listener: () => void, signal: AbortSignal): void {
  page()?.addEventListener("visibilitychange", listener, { signal });
}

/** Call *listener* when trying again makes sense at once: the network is back, or the page is seen again. */
export function onComeback(listener: () => void, signal: AbortSignal): void {
  if (typeof window !== "undefined") window.addEventListener("online", listener, { signal });
  onVisibility(() => isHidden() || listener(), signal);
}

/** Resolve once the page is seen, or *signal* is aborted. */
export function seen(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (!isHidden() || signal.aborted) return resolve();
    const over = new AbortController();
    const done = () => {
      if (isHidden() && !signal.aborted) return;
      over.abort();
      resolve();
    };
    onVisibility(done, over.signal);
    signal.addEventListener("abort", done, { signal: over.signal });
  });
}
