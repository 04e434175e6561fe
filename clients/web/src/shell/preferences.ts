/** What a person chose on this browser: kept in local storage where there is one, the same in all its tabs. */
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

export interface Preferences {
  theme: Theme;
  /** Whether to watch answers being worked out, or see final results only. */
  streaming: boolean;
  /** Whether to be asked before a query runs. */
  approval: boolean;
}

const KEY = "levada:preferences";
const DEFAULTS: Preferences = { theme: "system", streaming: true, approval: false };
const listeners = new Set<() => void>();
let present = read();

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => present);
}

export function prefer(change: Partial<Preferences>): void {
  present = { ...present, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(present));
  } catch {
    // A browser that keeps nothing still follows the choice until the page is left.
  }
  told();
}

/** Show the page in the theme that was chosen; "system" leaves it to the browser. */
export function applyTheme(): void {
  if (present.theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = present.theme;
}

addEventListener("storage", (event) => {
  if (event.key !== KEY) return;
  present = read();
  told();
});

function told(): void {
  applyTheme();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(): Preferences {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { ...DEFAULTS, ...(typeof kept === "object" ? (kept as Partial<Preferences>) : {}) };
  } catch {
    return DEFAULTS;
  }
}
