// @vitest-environment happy-dom
// What a chart's description may do: draw, and nothing else.

import { expect, it } from "vitest";
import { draw } from "../../src/react/chart/drawing.js";
import { PAPER } from "../../src/react/chart/theme.js";

it("puts no fields into the page, wherever the description wants them", async () => {
  const place = document.body.appendChild(document.createElement("div"));
  const spec = {
    params: [{ name: "password", value: "", bind: { input: "text", element: "body", name: "Your password" } }],
    data: { name: "rows" },
    mark: "bar",
    encoding: { x: { field: "n", type: "quantitative" } },
  };
  const picture = { vegaLite: JSON.stringify(spec), rows: [{ n: 1 }], description: "" };
  const drawing = await draw(place, picture, PAPER, () => undefined);
  expect(place.querySelector("svg")).not.toBeNull();
  expect(document.querySelector("input")).toBeNull();
  drawing.remove();
});
