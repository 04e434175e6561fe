// Events that carry what people came for: texts, rows, findings, charts, what to ask next.
import type { RunState, Text } from "../state.js";
import { Table } from "../table.js";
import type { Channel, ChartKind, ColumnType, FindingKind, Severity, Truncation } from "../words.js";
import { type Context, double, type Handlers, word } from "./context.js";
import { noted, put } from "./output.js";
import { draft } from "./queries.js";

export const results: Handlers = {
  textDelta(state, { channel, text }, on) {
    const name = word<Channel>(channel, "CHANNEL_");
    // Engines keep texts that were joined as ropes, so that a piece more costs the same however long the text is.
    return name ? said(state, name, (before) => before + (text ?? ""), false, on) : state;
  },

  textCompleted(state, { channel, text }, on) {
    const name = word<Channel>(channel, "CHANNEL_");
    return name ? said(state, name, () => text ?? "", true, on) : state;
  },

  tableStarted(state, payload, on) {
    const columns = (payload.columns ?? []).map((column) => ({
      name: column.name ?? "",
      type: word<ColumnType>(column.type, "COLUMN_TYPE_"),
      nullable: column.nullable ?? false,
      unit: column.unit ?? "",
    }));
    const { tableId = "", queryId = "", arrowSchema = "" } = payload;
    const table = Table.begun({ id: tableId, step: on.step, attempt: on.attempt, queryId, columns, arrowSchema });
    return put(state, "tables", tableId, table, on);
  },

  tableRows(state, payload) {
    const table = state.tables.get(payload.tableId ?? "");
    return table ? { ...state, tables: state.tables.set(table.id, table.with(payload)) } : state;
  },

  tableCompleted(state, { tableId, truncated = false, truncation, message = "" }) {
    const table = state.tables.get(tableId ?? "");
    if (!table) return state;
    const ended = table.ended({ truncated, truncation: word<Truncation>(truncation, "TRUNCATION_"), message });
    return { ...state, tables: state.tables.set(table.id, ended) };
  },

  finding(state, payload, on) {
    const figures = (payload.figures ?? []).map(({ name = "", value, unit = "", label = "" }) => ({
      name,
      value: double(value),
      unit,
      label,
    }));
    const finding = {
      step: on.step,
      kind: word<FindingKind>(payload.kind, "FINDING_KIND_"),
      text: payload.text ?? "",
      figures,
      queryId: payload.queryId ?? "",
      severity: word<Severity>(payload.severity, "SEVERITY_"),
    };
    return put(state, "findings", String(on.sequence), finding, on);
  },

  chart(state, payload, on) {
    const chart = {
      step: on.step,
      kind: word<ChartKind>(payload.kind, "CHART_KIND_"),
      vegaLite: payload.vegaLite ?? "",
      cause: payload.cause ?? "",
      tableId: payload.tableId ?? "",
      title: payload.title ?? "",
      explanation: payload.explanation ?? "",
    };
    return put(state, "charts", String(on.sequence), chart, on);
  },

  followUps: (state, { questions = [] }, on) => noted({ ...state, followUps: questions }, "followUps", "", on),
};

function said(
  state: RunState,
  channel: Channel,
  text: (before: string) => string,
  completed: boolean,
  on: Context,
): RunState {
  if (channel === "sql") {
    const before = state.drafts.get(on.step) ?? draft(on, "");
    return put(state, "drafts", on.step, { ...before, text: text(before.text) }, on);
  }
  const key = `${on.step} ${channel}`;
  const { step, attempt } = on;
  const whole: Text = { step, attempt, channel, text: text(state.texts.get(key)?.text ?? ""), completed };
  return put(state, "texts", key, whole, on);
}
