// @vitest-environment happy-dom
// The answer as people see it, and what a hostile one cannot do.

import { cleanup, render } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Answer } from "../../src/react/answer.js";
import { mended } from "../../src/react/markdown/blocks.js";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function html(text: string): HTMLElement {
  return render(<Answer text={text} />).container;
}

describe("Answer", () => {
  it("draws headings below the page's own, lists, tables and code", () => {
    const drawn = html("# Sales\n\n- [x] done\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```sql\nSELECT 1\n```");
    expect(drawn.querySelector("h3")?.textContent).toBe("Sales");
    expect(drawn.querySelector("li")?.textContent).toContain("☑ done");
    expect(drawn.querySelector("td[data-align=right]")?.textContent).toBe("2");
    expect(drawn.querySelector("pre")?.textContent).toContain("SELECT 1");
  });

  it("shows HTML as it is written, and runs none of it", () => {
    const drawn = html("<img src=x onerror=alert(1)>\n\nHello <script>alert(1)</script> **there**");
    expect(drawn.querySelector("img, script")).toBeNull();
    expect(drawn.textContent).toContain("<script>alert(1)</script>");
  });

  it.each([
    ["quotes", "> ".repeat(2_000)],
    ["lists", Array.from({ length: 60 }, (_, depth) => `${"  ".repeat(depth)}- a`).join("\n")],
    ["emphasis", "*a _b ".repeat(400) + "_ * ".repeat(400)],
  ])("shows %s that are nested too deep to be drawn as they are written", (_, text) => {
    expect(render(<Answer text={`${text}\n\nthe end`} />).container.textContent).toContain("the end");
    expect(mended(text)).not.toEqual([]);
  });

  it("follows links to the web and to mail only", () => {
    const drawn = html(
      "[a](https://example.org/x) [b](javascript:alert(1)) [c](data:text/html,x) [d](mailto:a@b.c) [e](/runs) " +
        "[f](JaVaScRiPt:alert(1)) [g](vbscript:x) [h](\u0001javascript:alert(1))",
    );
    const links = [...drawn.querySelectorAll("a")];
    expect(links.map((link) => link.getAttribute("href"))).toEqual(["https://example.org/x", "mailto:a@b.c"]);
    expect(links[0]?.rel).toContain("noopener");
    expect(drawn.textContent).toContain("b c");
  });

  it("names pictures instead of loading them", () => {
    const drawn = html("![a chart](https://elsewhere.example/pixel.png)");
    expect(drawn.querySelector("img")).toBeNull();
    expect(drawn.textContent).toBe("a chart");
  });

  it("shows signs that are written as entities as those signs", () => {
    expect(html("R&amp;D &lt; 5 &#8364; &nbsp;x").textContent).toBe("R&D < 5 € \u00a0x");
  });

  it("keeps what was drawn while more is written", () => {
    vi.stubGlobal("matchMedia", () => ({ matches: true }));
    const { container, rerender } = render(<Answer text={"First.\n\nSec"} writing />);
    const first = container.querySelector("p");
    rerender(<Answer text={"First.\n\nSecond **bold"} writing />);
    expect(container.querySelector("p")).toBe(first);
    expect(container.querySelector("strong")?.textContent).toBe("bold");
    rerender(<Answer text={"First.\n\nSecond **bold** end."} />);
    expect(container.querySelector("p")).toBe(first);
    expect(container.textContent).toBe("First.Second bold end.");
  });
});
