// A chart's colours and letters: those of the page around it, read from the style sheet's properties.

import { useEffect, useState } from "react";

export interface Theme {
  readonly ink: string;
  readonly quiet: string;
  readonly edge: string;
  readonly ground: string;
  readonly font: string;
  readonly series: readonly string[];
}

/** For pictures that leave the page: dark on white, whatever the page looks like. */
export const PAPER: Theme = {
  ink: "#20262b",
  quiet: "#4c565d",
  edge: "#dcd9d0",
  ground: "#ffffff",
  font: "sans-serif",
  series: ["#2b7fb8", "#d9822b", "#3f9162", "#b65c8f", "#7d6bc4", "#7b7f76", "#b8860b", "#c0504d"],
};

/** Return the theme of the page where *element* stands. */
export function themeAt(element: Element): Theme {
  // Asked of something that is drawn in it: a property by itself does not say which of its two colours holds.
  const drawn = element.appendChild(document.createElement("span"));
  const read = (name: string, otherwise: string) => {
    drawn.style.color = `var(--levada-${name}, ${otherwise})`;
    return getComputedStyle(drawn).color || otherwise;
  };
  const theme = {
    ink: read("ink", PAPER.ink),
    quiet: read("quiet", PAPER.quiet),
    edge: read("edge", PAPER.edge),
    ground: "transparent",
    font: getComputedStyle(element).fontFamily || PAPER.font,
    series: PAPER.series.map((color, index) => read(`series-${index + 1}`, color)),
  };
  drawn.remove();
  return theme;
}

/** Return a number that changes when the page turns dark or light, by the system or by a switch on it. */
export function useTurns(): number {
  const [turns, setTurns] = useState(0);
  useEffect(() => {
    const turn = () => setTurns((before) => before + 1);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", turn);
    const observer = new MutationObserver(turn);
    observer.observe(document.documentElement, { attributeFilter: ["class", "data-theme", "style"] });
    return () => {
      dark.removeEventListener("change", turn);
      observer.disconnect();
    };
  }, []);
  return turns;
}

/** Return the theme in Vega's words. */
export function configOf(theme: Theme): Record<string, unknown> {
  const text = { labelColor: theme.quiet, titleColor: theme.quiet, titleFontWeight: 500 };
  const [first] = theme.series;
  return {
    background: theme.ground,
    font: theme.font,
    title: { color: theme.ink, fontSize: 15, anchor: "start", offset: 12 },
    axis: { ...text, gridColor: theme.edge, domainColor: theme.edge, tickColor: theme.edge, labelLimit: 160 },
    axisTemporal: { grid: false },
    axisDiscrete: { grid: false },
    legend: { ...text, orient: "bottom", columns: 3, labelLimit: 160 },
    view: { stroke: null },
    range: { category: theme.series },
    bar: { color: first, cornerRadiusEnd: 2 },
    line: { color: first, strokeWidth: 2 },
    point: { color: first, filled: true, opacity: 0.75, size: 45 },
    arc: { stroke: theme.ground === "transparent" ? null : theme.ground },
  };
}
