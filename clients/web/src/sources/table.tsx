/** One table of a source: columns with types, keys, units, and a few of their values. */
import { count } from "@levada/client/react";
import { plain } from "../shell/format";
import { ScrollArea } from "../shell/scroll-area";
import type { ColumnJson, ForeignKeyJson, TableJson } from "./parts";

export function TableDetail({ table, open }: { table: TableJson; open: boolean }) {
  const name = [table.namespace, table.name].filter(Boolean).join(".");
  const columns = table.columns ?? [];
  return (
    <details className="card table-detail" open={open} id={`table-${table.name}`}>
      <summary>
        <strong>{name}</strong>
        {table.isView ? <span className="badge">view</span> : null}
        <span className="quiet">
          {table.rowEstimate === undefined ? "" : `${count(Number(table.rowEstimate), "row")}, `}
          {count(columns.length, "column")}
        </span>
        {table.comment ? <span className="quiet">{table.comment}</span> : null}
      </summary>
      <ScrollArea label={`Columns of ${name}`}>
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Type</th>
              <th scope="col">Key</th>
              <th scope="col">Values that occur</th>
            </tr>
          </thead>
          <tbody>
            {columns.map((column) => (
              <ColumnRow key={column.name} column={column} table={table} />
            ))}
          </tbody>
        </table>
      </ScrollArea>
    </details>
  );
}

function ColumnRow({ column, table }: { column: ColumnJson; table: TableJson }) {
  const name = column.name ?? "";
  const foreign = (table.foreignKeys ?? []).filter((key) => key.columns?.includes(name));
  return (
    <tr>
      <th scope="row">
        {name}
        {column.comment ? <span className="quiet block">{column.comment}</span> : null}
      </th>
      <td title={column.nativeType}>
        {plain(column.type, "COLUMN_TYPE_")}
        {column.unit ? <span className="badge">{column.unit}</span> : null}
        {column.nullable ? <span className="quiet block">may be empty</span> : null}
      </td>
      <td>
        {table.primaryKey?.includes(name) ? <span className="badge">primary</span> : null}
        {column.unique && !table.primaryKey?.includes(name) ? <span className="badge">unique</span> : null}
        {foreign.map((key) => (
          <Reference key={key.referencedTable} to={key} from={name} />
        ))}
      </td>
      <td>
        <span className="samples">
          {(column.samples ?? []).map((sample) => (
            <span key={sample} className="sample" title={sample}>
              {sample}
            </span>
          ))}
        </span>
      </td>
    </tr>
  );
}

function Reference({ to, from }: { to: ForeignKeyJson; from: string }) {
  const column = to.referencedColumns?.[to.columns?.indexOf(from) ?? 0] ?? "";
  return (
    <a
      href={`#table-${to.referencedTable}`}
      className="reference"
      title={to.inferred ? "Inferred from names and values, not declared" : "Declared by the database"}
      onClick={() => document.getElementById(`table-${to.referencedTable}`)?.setAttribute("open", "")}
    >
      → {to.referencedTable}.{column}
      {to.inferred ? " (inferred)" : ""}
    </a>
  );
}
