// The protocol's messages as protobuf-es schemas, for those who speak it in binary or check JSON against it.
export * from "./levada/v1/catalog_pb.js";
export * from "./levada/v1/catalog_service_pb.js";
export * from "./levada/v1/error_reason_pb.js";
export * from "./levada/v1/event_pb.js";
export * from "./levada/v1/query_service_pb.js";
export * from "./levada/v1/run_pb.js";
export * from "./levada/v1/run_service_pb.js";
