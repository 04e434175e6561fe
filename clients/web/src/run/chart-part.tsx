/** A chart with the files that it can be taken along as. */
import type { Chart as Described, Table } from "@levada/client";
import { Chart, type ChartHandle } from "@levada/client/react";
import { useRef, useState } from "react";
import { said } from "../shell/loading";
import { saveFile } from "../shell/save";

export function ChartPart({ chart, table }: { chart: Described; table: Table }) {
  const handle = useRef<ChartHandle>(null);
  const [problem, setProblem] = useState("");
  const name = (chart.title || "chart").replace(/[^\p{L}\p{N}]+/gu, "-").toLowerCase();

  async function save(make: (chart: ChartHandle) => Promise<Blob>, ending: string) {
    try {
      if (handle.current) saveFile(await make(handle.current), `${name}.${ending}`);
      setProblem("");
    } catch (error) {
      setProblem(said(error));
    }
  }

  const svg = async (drawn: ChartHandle) => new Blob([await drawn.svg()], { type: "image/svg+xml" });
  return (
    <section className="chart-part" aria-label="Chart">
      <Chart ref={handle} chart={chart} table={table} />
      {chart.vegaLite ? (
        <div className="chart-files">
          <button type="button" className="button quiet-button" onClick={() => save((drawn) => drawn.png(), "png")}>
            PNG
          </button>
          <button type="button" className="button quiet-button" onClick={() => save(svg, "svg")}>
            SVG
          </button>
          {problem ? (
            <span className="wrong" role="alert">
              {problem}
            </span>
          ) : null}
        </div>
      ) : null}
    </section>
  );
}
