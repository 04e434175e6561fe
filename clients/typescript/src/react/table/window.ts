// Which rows of a long table are in view. Rows are all of one height, so that any of a million is found at once.

// Browsers cut off elements that are higher (Firefox at 17.9 million pixels, Chromium and Safari at 33.5 million).
const HIGHEST = 16_000_000;
const BEYOND = 4;

/** How high a row is, in pixels. */
export const ROW_HEIGHT = 28;

export interface Window {
  /** First row to draw, and the one after the last. */
  readonly first: number;
  readonly end: number;
  /** Where the first row to draw stands, in pixels from the top of the view; at most 0. */
  readonly shift: number;
}

/** Return how high the scrolled area is for all rows, as far as a browser takes it. */
export function scrollHeight(rows: number): number {
  return Math.min(rows * ROW_HEIGHT, HIGHEST);
}

/** Return what is in view at a place of the scroll bar. Above the browsers' limit, one pixel stands for several. */
export function inView(scrollTop: number, view: number, rows: number): Window {
  const scale = scaling(rows, view);
  const top = Math.min(Math.max(0, scrollTop) * scale, Math.max(0, rows * ROW_HEIGHT - view));
  const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - BEYOND);
  const end = Math.min(rows, Math.ceil((top + view) / ROW_HEIGHT) + BEYOND);
  return { first, end, shift: first * ROW_HEIGHT - top };
}

/** Return the first row that is seen whole. */
export function topRow(seen: Window): number {
  return seen.first + Math.ceil(-seen.shift / ROW_HEIGHT);
}

/** Return where the scroll bar has to be for *row* to be in view; where it is, if it is in view already. */
export function scrollTo(row: number, scrollTop: number, view: number, rows: number): number {
  const scale = scaling(rows, view);
  const top = scrollTop * scale;
  if (row * ROW_HEIGHT < top) return (row * ROW_HEIGHT) / scale;
  if ((row + 1) * ROW_HEIGHT > top + view) return ((row + 1) * ROW_HEIGHT - view) / scale;
  return scrollTop;
}

function scaling(rows: number, view: number): number {
  const shown = scrollHeight(rows) - view;
  return shown > 0 ? Math.max(1, (rows * ROW_HEIGHT - view) / shown) : 1;
}
