// Draws a Vega-Lite chart. Loaded when the first one is shown. What a chart says is never trusted: its expressions are
// interpreted, not compiled, it loads nothing from anywhere, its links lead nowhere, and it gets no fields to fill in.

import { type Loader, parse, View, Warn } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import type { Datum } from "./rows.js";
import { configOf, PAPER, type Theme } from "./theme.js";

export interface Picture {
  /** Vega-Lite as JSON text. */
  readonly vegaLite: string;
  readonly rows: readonly Datum[];
  /** What it shows, for those who cannot see it. */
  readonly description: string;
}

export interface Tip {
  readonly x: number;
  readonly y: number;
  readonly lines: readonly (readonly [string, string])[];
}

export interface Drawing {
  resize(width: number): void;
  remove(): void;
}

const MANY_MARKS = 1000;
const EXPORTED_WIDTH = 720;

/** Draw into *container*, as wide as it is. *onTip* is told what the mouse points at. */
export async function draw(
  container: HTMLElement,
  picture: Picture,
  theme: Theme,
  onTip: (tip: Tip | undefined) => void,
): Promise<Drawing> {
  const spec: Spec = { ...parsed(picture), title: "" };
  const view = viewOf(spec, picture, theme, picture.rows.length > MANY_MARKS ? "canvas" : "svg");
  view.tooltip((_, event, __, value) => onTip(tip(event, container, value)));
  await view.initialize(container).runAsync();
  return {
    resize: (width) => void (spec.width === "container" && view.width(width).resize().runAsync()),
    remove: () => view.finalize(),
  };
}

/** Return the chart as an SVG file's text, on white. */
export function toSvg(picture: Picture): Promise<string> {
  return paper(picture).toSVG();
}

/** Return the chart as a PNG file, on white, *scale* pixels to a point. */
export async function toPng(picture: Picture, scale = 2): Promise<Blob> {
  const canvas = (await paper(picture).toCanvas(scale)) as unknown as HTMLCanvasElement;
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be made."))), "image/png"),
  );
}

type Spec = Record<string, unknown>;

function parsed({ vegaLite }: Picture): Spec {
  return JSON.parse(vegaLite) as Spec;
}

function paper(picture: Picture): View {
  return viewOf({ ...parsed(picture), width: EXPORTED_WIDTH }, picture, PAPER, "none");
}

function viewOf(spec: Spec, { rows, description }: Picture, theme: Theme, renderer: "svg" | "canvas" | "none"): View {
  const whole = { ...spec, description, datasets: { rows }, usermeta: undefined };
  const { spec: compiled } = compile(whole as unknown as TopLevelSpec, { config: configOf(theme), logger: SILENT });
  // Bindings are fields, which a description may want anywhere in the page.
  const runtime = { ...parse(compiled, undefined, { ast: true }), bindings: [] };
  return new View(runtime, { expr: expressionInterpreter, loader: NOWHERE, logLevel: Warn, logger: SILENT, renderer });
}

const refused = () => Promise.reject(new Error("Charts load nothing."));
// A link or picture without an address is one that leads nowhere.
const sanitize = () => Promise.resolve({});
const NOWHERE = { options: {}, load: refused, sanitize, http: refused, file: refused } as unknown as Loader;

const quiet = () => SILENT;
const SILENT = {
  level: quiet,
  error: quiet,
  warn: quiet,
  info: quiet,
  debug: quiet,
} as unknown as NonNullable<NonNullable<Parameters<typeof compile>[1]>["logger"]>;

function tip(event: MouseEvent, container: HTMLElement, value: unknown): Tip | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  const at = container.getBoundingClientRect();
  const lines: [string, string][] =
    typeof value === "object"
      ? Object.entries(value).map(([name, shown]) => [name, String(shown)])
      : [["", String(value)]];
  return { x: event.clientX - at.left, y: event.clientY - at.top, lines };
}
