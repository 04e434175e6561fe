/** The rows in which two results differ, each value of either side, the differing ones marked. */

import { type RunState, type Table, tableOf } from "@levada/client";
import { count } from "@levada/client/react";
import { useMemo } from "react";
import { ScrollArea } from "../shell/scroll-area";
import { compareRows, placeOf, type RowPair } from "./rows";

const SHOWN = 100;

export function RowsDifference({ left, right }: { left: RunState; right: RunState }) {
  const [mine, other] = [tableOf(left), tableOf(right)];
  if (!mine || !other) return null;
  return <Rows left={mine} right={other} />;
}

function Rows({ left, right }: { left: Table; right: Table }) {
  const { columns, pairs, same, cut } = useMemo(() => compareRows(left, right), [left, right]);
  return (
    <section className="difference">
      <h2>
        Rows <span className="badge">{verdict(columns.length, pairs.length)}</span>
      </h2>
      <p className="quiet">
        {columns.length ? `${count(same, "row")} alike.` : "The rows of the two are of different things."}
        {cut ? " Only the first 5,000 of each were compared." : ""}
        {pairs.length > SHOWN ? ` The first ${SHOWN} that differ:` : ""}
      </p>
      {pairs.length && columns.length ? (
        <ScrollArea label="Rows that differ">
          <table className="grid">
            <thead>
              <tr>
                {columns.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {pairs.slice(0, SHOWN).map((pair) => (
                <Pair key={pair.key} pair={pair} columns={columns} left={left} right={right} />
              ))}
            </tbody>
          </table>
        </ScrollArea>
      ) : null}
    </section>
  );
}

function verdict(columns: number, pairs: number): string {
  if (!columns) return "not alike";
  return pairs ? `${pairs.toLocaleString("en")} differ` : "the same";
}

interface PairProps {
  pair: RowPair;
  columns: readonly string[];
  left: Table;
  right: Table;
}

function Pair({ pair, columns, left, right }: PairProps) {
  const value = (table: Table, row: number | undefined, name: string) =>
    row === undefined ? undefined : shown(table.cell(row, placeOf(table, name)));
  return (
    <tr>
      {columns.map((name, place) => {
        const [mine, other] = [value(left, pair.left, name), value(right, pair.right, name)];
        const differs = mine === undefined || other === undefined || pair.differs.includes(place);
        return (
          <td key={name} data-differs={differs || undefined}>
            {differs ? (
              <>
                {mine === undefined ? null : <del>{mine}</del>} {other === undefined ? null : <ins>{other}</ins>}
              </>
            ) : (
              mine
            )}
          </td>
        );
      })}
    </tr>
  );
}

function shown(cell: unknown): string {
  if (typeof cell === "number") return cell.toLocaleString("en", { maximumFractionDigits: 6 });
  return cell === null ? "NULL" : String(cell);
}
