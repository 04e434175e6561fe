/** Times and names as people read them, beside those of `@levada/client/react`. */

const DAY = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" });
const CLOCK = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hour12: false });
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** Return the milliseconds of proto3 JSON's duration, "0.443s". */
export function milliseconds(duration: string | undefined): number | undefined {
  const seconds = Number.parseFloat(duration ?? "");
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** Return when something was, near in words and far by its date. */
export function when(time: string | undefined, now = Date.now()): string {
  const then = Date.parse(time ?? "");
  if (Number.isNaN(then)) return "";
  const minutes = (then - now) / 60_000;
  if (minutes > -1) return "just now";
  if (minutes > -60) return RELATIVE.format(Math.round(minutes), "minute");
  if (new Date(then).toDateString() === new Date(now).toDateString()) return `today, ${CLOCK.format(then)}`;
  return `${DAY.format(then)}, ${CLOCK.format(then)}`;
}

/** Return "completed" of "RUN_STATE_COMPLETED". */
export function plain(name: string | undefined, prefix: string): string {
  return (name ?? "").replace(prefix, "").replaceAll("_", " ").toLowerCase();
}
