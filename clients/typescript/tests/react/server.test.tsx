// Components on a server that renders pages: there is no document, and nothing may ask for one.

import { renderToString } from "react-dom/server";
import { expect, it } from "vitest";
import { Answer, ResultTable, RunProgress, Trace } from "../../src/react/index.js";
import { initialState } from "../../src/reduce/index.js";
import { Table } from "../../src/table.js";

const TABLE = Table.begun({
  id: "t",
  step: "s",
  attempt: 1,
  queryId: "q",
  columns: [{ name: "city", type: "text", nullable: true, unit: "" }],
  arrowSchema: "",
});

it("draws what there is", () => {
  const state = initialState("r", "How many?");
  const html = renderToString(
    <>
      <RunProgress state={state} />
      <ResultTable table={TABLE} live />
      <Answer text="So **many**." writing />
      <Trace state={state} />
    </>,
  );
  expect(html).toContain("<strong>many</strong>");
  expect(html).toContain("city");
});
