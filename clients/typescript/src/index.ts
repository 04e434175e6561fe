// Ask Levada a question from TypeScript and watch the answer being worked out.
export type * from "./api.js";
export type { Cell } from "./cells.js";
export { connect } from "./client.js";
export { Collection } from "./collection.js";
export type * from "./connection.js";
export { Interrupted, LevadaError, type Problem, type Reason } from "./errors.js";
export type { ModelJson, PipelineJson, SchemaJson, SourceJson } from "./levada/v1/catalog_pb.js";
export type { RefreshSourceResponseJson } from "./levada/v1/catalog_service_pb.js";
export type { EventJson } from "./levada/v1/event_pb.js";
export type { ClassifyResponseJson } from "./levada/v1/query_service_pb.js";
export type { RunJson, RunRequestJson, RunStateJson } from "./levada/v1/run_pb.js";
export type { ForkRunRequestJson } from "./levada/v1/run_service_pb.js";
export { isTerminal, type PayloadName, payloadOf } from "./payloads.js";
export { initialState, reduce } from "./reduce/index.js";
export * from "./select.js";
export type * from "./state.js";
export { type Column, Table } from "./table.js";
export type * from "./words.js";
