/** What can be taken along: rows as files, all events as lines of JSON, the address. Charts have their own buttons. */
import { type RunState, tableOf } from "@levada/client";
import { useLevada } from "@levada/client/react";
import { useState } from "react";
import { said } from "../shell/loading";
import { Menu } from "../shell/menu";
import { saveFile } from "../shell/save";

const ROWS = [
  { format: "csv", label: "Rows as CSV" },
  { format: "csv", label: "Rows as CSV for a spreadsheet", spreadsheet: true },
  { format: "parquet", label: "Rows as Parquet" },
  { format: "arrow", label: "Rows as Arrow" },
  { format: "jsonl", label: "Rows as JSON lines" },
] as const;

export function ExportMenu({ state }: { state: RunState }) {
  const client = useLevada();
  const [told, setTold] = useState("");
  const table = tableOf(state);

  async function events() {
    setTold("Collecting events…");
    try {
      const lines: string[] = [];
      for await (const event of client.watch(state.runId)) lines.push(`${JSON.stringify(event)}\n`);
      saveFile(new Blob(lines, { type: "application/jsonl" }), `run-${state.runId}.jsonl`);
      setTold("");
    } catch (error) {
      setTold(said(error));
    }
  }

  async function link() {
    await navigator.clipboard.writeText(location.href).then(
      () => setTold("Link copied"),
      () => setTold(location.href),
    );
  }

  return (
    <>
      <Menu label="Export" icon="export" end closes>
        <ul className="menu-list">
          {table?.completed
            ? ROWS.map(({ format, label, ...rest }) => (
                <li key={label}>
                  <a href={client.exportUrl(state.runId, { format, tableId: table.id, ...rest })} download>
                    {label}
                  </a>
                </li>
              ))
            : null}
          {state.end ? (
            <li>
              <button type="button" onClick={events}>
                The whole run as JSON lines
              </button>
            </li>
          ) : null}
          {navigator.clipboard ? (
            <li>
              <button type="button" onClick={link}>
                Copy the link
              </button>
            </li>
          ) : null}
        </ul>
      </Menu>
      <span className="quiet" role="status">
        {told}
      </span>
    </>
  );
}
