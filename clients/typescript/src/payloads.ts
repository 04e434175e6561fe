// The names of events on the wire, and which of them end a run.
import type { EventJson } from "./levada/v1/event_pb.js";
import type { Payloads } from "./reduce/context.js";

// The compiler says when the protocol has a payload that is missing here.
const KNOWN: Record<keyof Payloads, true> = {
  queued: true,
  started: true,
  paused: true,
  resumed: true,
  inputRequested: true,
  inputReceived: true,
  completed: true,
  failed: true,
  cancelled: true,
  stepStarted: true,
  stepProgressed: true,
  stepCompleted: true,
  stepFailed: true,
  stepSkipped: true,
  textDelta: true,
  textCompleted: true,
  sourcesSelected: true,
  schemaMatched: true,
  planDrafted: true,
  planValidated: true,
  queryProposed: true,
  queryValidated: true,
  queryRefused: true,
  operationStarted: true,
  operationCompleted: true,
  tableStarted: true,
  tableRows: true,
  tableCompleted: true,
  finding: true,
  chart: true,
  followUps: true,
  qualityChecked: true,
  assessmentEnded: true,
  agentStarted: true,
  agentCompleted: true,
  agentInteraction: true,
  iterationStarted: true,
  iterationCompleted: true,
  taskPlanned: true,
  modelCalled: true,
};

export type PayloadName = keyof Payloads;

/** What SSE calls the payloads: "stepStarted" is "step_started" there. */
export const EVENT_NAMES: readonly string[] = Object.keys(KNOWN).map((name) =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
);

/** The name of the event's payload; undefined when this version does not know it. */
export function payloadOf(event: EventJson): PayloadName | undefined {
  for (const name in event) if (Object.hasOwn(KNOWN, name)) return name as PayloadName;
  return undefined;
}

/** Whether nothing comes after this event. */
export function isTerminal(event: EventJson): boolean {
  return event.completed !== undefined || event.failed !== undefined || event.cancelled !== undefined;
}
