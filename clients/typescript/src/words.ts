// The words of the protocol's enums as this client says them: "CATEGORY_ACTION" is "action".
import type {
  CategoryJson,
  ChannelJson,
  ChartKindJson,
  ColumnTypeJson,
  DecisionJson,
  FindingKindJson,
  InputKindJson,
  OutcomeJson,
  SeverityJson,
  TruncationJson,
} from "./levada/v1/event_pb.js";

type Words<Name extends string, Prefix extends string> = Name extends `${Prefix}${infer Word}`
  ? Word extends "UNSPECIFIED"
    ? never
    : Lowercase<Word>
  : never;

export type Category = Words<CategoryJson, "CATEGORY_">;
export type Channel = Words<ChannelJson, "CHANNEL_">;
export type ChartKind = Words<ChartKindJson, "CHART_KIND_">;
export type ColumnType = Words<ColumnTypeJson, "COLUMN_TYPE_">;
export type Decision = Words<DecisionJson, "DECISION_">;
export type FindingKind = Words<FindingKindJson, "FINDING_KIND_">;
export type InputKind = Words<InputKindJson, "INPUT_KIND_">;
export type Outcome = Words<OutcomeJson, "OUTCOME_">;
export type Severity = Words<SeverityJson, "SEVERITY_">;
export type Truncation = Words<TruncationJson, "TRUNCATION_">;
