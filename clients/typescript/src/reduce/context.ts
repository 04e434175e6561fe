// What every handler of a payload gets, and the small conversions from JSON that they share.
import type { EventJson } from "../levada/v1/event_pb.js";
import type { RunState } from "../state.js";

/** Where an event came from. */
export interface Context {
  readonly step: string;
  readonly attempt: number;
  readonly sequence: number;
  readonly at: number | undefined;
}

/** Payloads by name: every field of an event that is an object. */
export type Payloads = {
  [Name in keyof EventJson as NonNullable<EventJson[Name]> extends object ? Name : never]-?: NonNullable<
    EventJson[Name]
  >;
};

export type Handlers = {
  [Name in keyof Payloads]?: (state: RunState, payload: Payloads[Name], on: Context) => RunState;
};

/** Return the milliseconds of a duration such as "1.5s". */
export function milliseconds(duration: string): number {
  return Number.parseFloat(duration) * 1000;
}

export function maybeMilliseconds(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : milliseconds(duration);
}

/** Return the word of an enum's value: "CATEGORY_ACTION" without "CATEGORY_", in small letters. */
export function word<Word extends string>(name: string | undefined, prefix: string): Word | undefined {
  if (!name?.startsWith(prefix) || name.endsWith("_UNSPECIFIED")) return undefined;
  return name.slice(prefix.length).toLowerCase() as Word;
}

/** Return a double, which JSON writes as a text where it is none of its numbers. */
export function double(value: number | string | undefined): number {
  return Number(value ?? 0);
}
