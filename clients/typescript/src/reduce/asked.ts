// What an operation of a plan asks its source, as people read it.
import type { PlannedOperationJson } from "../levada/v1/event_pb.js";

/** Return the query of *operation*: SQL where it is some, else the document that its source is asked by. */
export function asked(operation: PlannedOperationJson): { text: string; language: string } {
  const params = read(operation.paramsJson);
  const { sql, query = sql } = params;
  if (typeof query === "string" && (operation.kind === "sql" || operation.kind === "combine"))
    return { text: query, language: "sql" };
  return { text: Object.keys(params).length ? JSON.stringify(params, undefined, 2) : "", language: "json" };
}

function read(text = "{}"): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && !Array.isArray(found) ? { ...found } : {};
  } catch {
    return {}; // of a newer server: nothing that this client could show
  }
}
