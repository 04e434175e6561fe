/** One source: its tables, the words of the business, and a look at it anew. */
import type { SourceJson } from "@levada/client";
import { count, useLevada } from "@levada/client/react";
import { useState } from "react";
import { useLoaded } from "../shell/loading";
import { Problem, Waiting } from "../shell/notices";
import type { DefinitionJson, TableJson } from "./parts";
import { Refresh } from "./refresh";
import { TableDetail } from "./table";

export function SourceDetail({ source }: { source: SourceJson }) {
  const client = useLevada();
  const name = source.name ?? "";
  const [wanted, setWanted] = useState("");
  const { value: schema, problem, again } = useLoaded(() => client.source(name), name);
  if (problem) return <Problem text={problem} again={again} />;
  if (!schema) return <Waiting text={`Looking at ${name}…`} />;
  const tables = (schema.tables ?? []).filter((table) => matches(table, wanted.trim().toLowerCase()));
  return (
    <section className="source" aria-label={`The source ${name}`}>
      <div className="toolbar">
        <input
          type="search"
          className="field"
          placeholder="Find a table or column"
          aria-label="Find a table or column"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        <span className="quiet" role="status">
          {wanted ? `${tables.length} of ` : ""}
          {count(schema.tables?.length ?? 0, "table")}
        </span>
        <Refresh source={name} done={again} />
      </div>
      {(schema.problems ?? []).map((text) => (
        <p key={text} className="warning">
          ⚠ {text}
        </p>
      ))}
      {tables.map((table) => (
        <TableDetail
          key={`${table.namespace}.${table.name}`}
          table={table}
          open={tables.length === 1 || wanted !== ""}
        />
      ))}
      <Definitions all={schema.definitions ?? []} />
    </section>
  );
}

function matches(table: TableJson, wanted: string): boolean {
  if (!wanted) return true;
  const words = [
    table.name,
    table.comment,
    ...(table.columns ?? []).flatMap((column) => [column.name, column.comment]),
  ];
  return words.some((word) => word?.toLowerCase().includes(wanted));
}

function Definitions({ all }: { all: DefinitionJson[] }) {
  if (!all.length) return null;
  return (
    <section>
      <h2>Words of the business</h2>
      <dl className="definitions">
        {all.map((each) => (
          <div key={each.name}>
            <dt>
              {each.name} {each.unit ? <span className="badge">{each.unit}</span> : null}
              {each.synonyms?.length ? <span className="quiet"> also {each.synonyms.join(", ")}</span> : null}
            </dt>
            <dd>
              {each.description ? <p>{each.description}</p> : null}
              {each.expression || each.target ? <code>{each.expression || each.target}</code> : null}
              {each.condition ? (
                <span className="quiet">
                  {" "}
                  where <code>{each.condition}</code>
                </span>
              ) : null}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
