// A chart of a table's rows, drawn in the page's colours; a single figure as a figure.

import { type Ref, useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import type { Chart as Described } from "../../state.js";
import type { Table } from "../../table.js";
import { heading, isNumeric, short } from "../table/cell-text.js";
import type { Drawing, Picture, Tip } from "./drawing.js";
import { dataOf } from "./rows.js";
import { themeAt, useTurns } from "./theme.js";

export interface ChartHandle {
  /** The chart as an SVG file's text. */
  svg(): Promise<string>;
  /** The chart as a PNG file, *scale* (2 if left out) pixels to a point. */
  png(scale?: number): Promise<Blob>;
}

export interface ChartProps {
  chart: Described;
  table: Table;
  ref?: Ref<ChartHandle> | undefined;
}

// The libraries that draw are loaded when the first chart is there.
const drawing = () => import("./drawing.js");

/** Show the chart; nothing where the rows say it best. */
export function Chart({ chart, table, ref }: ChartProps) {
  if (chart.kind === "figure") return <Figure chart={chart} table={table} />;
  if (!chart.vegaLite) return null;
  return <Drawn chart={chart} table={table} ref={ref} />;
}

function Figure({ chart, table }: ChartProps) {
  const index = table.columns.findIndex(isNumeric);
  const [column, value] = [table.columns[index], table.cell(0, index)];
  if (!column || value === undefined) return null;
  return (
    <figure className="levada-chart">
      <p className="levada-figure">
        {short(value, column)} <small>{column.unit}</small>
      </p>
      <figcaption>{chart.title || heading(column)}</figcaption>
    </figure>
  );
}

function Drawn({ chart, table, ref }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const [tip, setTip] = useState<Tip>();
  const [wrong, setWrong] = useState(false);
  const turns = useTurns();
  const picture = useMemo<Picture>(
    () => ({
      vegaLite: chart.vegaLite,
      rows: dataOf(table),
      description: [chart.title, chart.explanation || chart.cause].filter(Boolean).join(". "),
    }),
    [chart, table],
  );
  useImperativeHandle(
    ref,
    () => ({
      svg: async () => (await drawing()).toSvg(picture),
      png: async (scale) => (await drawing()).toPng(picture, scale),
    }),
    [picture],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew when the page turns dark or light
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    return drawInto(element, picture, setTip, setWrong);
  }, [picture, turns]);

  return (
    <figure className="levada-chart">
      <figcaption className="levada-chart-title">{chart.title}</figcaption>
      <div className="levada-chart-area">
        <div ref={place} className="levada-chart-place" />
        {tip ? <Tooltip tip={tip} /> : null}
      </div>
      {wrong ? <p className="levada-wrong">This chart could not be drawn. The table holds its rows.</p> : null}
      {chart.explanation ? <p>{chart.explanation}</p> : null}
      <p className="levada-quiet-text">{chart.cause}</p>
    </figure>
  );
}

/** Draw, follow the width of the place, and return what takes all of it away again. */
function drawInto(
  place: HTMLElement,
  picture: Picture,
  onTip: (tip: Tip | undefined) => void,
  onWrong: (wrong: boolean) => void,
): () => void {
  let [gone, drawn]: [boolean, Drawing | undefined] = [false, undefined];
  const observer = new ResizeObserver(() => drawn?.resize(place.clientWidth));
  // A place of its own for each drawing: one that is not finished yet may still write into it.
  const canvas = document.createElement("div");
  place.replaceChildren(canvas);
  onWrong(false);
  drawing()
    .then(({ draw }) => draw(canvas, picture, themeAt(place), onTip))
    .then(
      (done) => {
        drawn = done;
        if (gone) done.remove();
        else observer.observe(place);
      },
      () => onWrong(!gone),
    );
  return () => {
    gone = true;
    observer.disconnect();
    drawn?.remove();
    onTip(undefined);
  };
}

function Tooltip({ tip }: { tip: Tip }) {
  return (
    <dl className="levada-tip" style={{ left: `clamp(7rem, ${tip.x}px, calc(100% - 7rem))`, top: tip.y }}>
      {tip.lines.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
