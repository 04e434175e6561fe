// Markdown tokens as React elements. HTML in a text is shown as it is written, pictures as their description.

import type { Token, Tokens } from "marked";
import { createElement, Fragment, memo, type ReactNode } from "react";
import { Cited } from "../citations.js";
import { Code } from "../code.js";
import { signs } from "./entities.js";
import { safeLink } from "./links.js";

type Draw = (token: never) => ReactNode;

/** One block; drawn anew only when its token is another one. */
export const Block = memo(function Block({ token }: { token: Token }): ReactNode {
  return drawn(token);
});

const DRAW: Record<string, Draw> = {
  blockquote: (token: Tokens.Blockquote) => <blockquote>{all(token.tokens)}</blockquote>,
  br: () => <br />,
  checkbox: (token: Tokens.Checkbox) => (token.checked ? "☑ " : "☐ "),
  code: (token: Tokens.Code) => <Code language={language(token)} text={token.text} />,
  codespan: (token: Tokens.Codespan) => <code>{token.text}</code>,
  def: () => null,
  del: (token: Tokens.Del) => <del>{all(token.tokens)}</del>,
  em: (token: Tokens.Em) => <em>{all(token.tokens)}</em>,
  escape: (token: Tokens.Escape) => token.text,
  heading: (token: Tokens.Heading) => heading(token),
  hr: () => <hr />,
  html: (token: Tokens.HTML) => (token.block ? <p>{token.raw.trim()}</p> : token.raw),
  image: (token: Tokens.Image) => <span className="levada-no-image">{token.text || "image"}</span>,
  link: (token: Tokens.Link) => link(token),
  list: (token: Tokens.List) => list(token),
  paragraph: (token: Tokens.Paragraph) => <p>{all(token.tokens)}</p>,
  space: () => null,
  strong: (token: Tokens.Strong) => <strong>{all(token.tokens)}</strong>,
  table: (token: Tokens.Table) => table(token),
  text: (token: Tokens.Text) => (token.tokens ? all(token.tokens) : text(signs(token.text))),
};

// Most texts cite nothing: they need no element of their own.
function text(written: string): ReactNode {
  return written.includes("[") ? <Cited text={written} /> : written;
}

function drawn(token: Token): ReactNode {
  const draw = Object.hasOwn(DRAW, token.type) ? DRAW[token.type] : undefined;
  return draw ? draw(token as never) : token.raw;
}

// Passed one by one, not as a list: their places are all there is to tell them apart by.
function all(tokens: readonly Token[]): ReactNode {
  return createElement(Fragment, null, ...tokens.map(drawn));
}

function language(token: Tokens.Code): string {
  return (token.lang ?? "").split(/\s/)[0]?.toLowerCase() ?? "";
}

// The page has its own first heading: those of a text begin below it.
function heading(token: Tokens.Heading): ReactNode {
  return createElement(`h${Math.min(6, token.depth + 2)}`, null, all(token.tokens));
}

function link(token: Tokens.Link): ReactNode {
  const href = safeLink(token.href);
  if (!href) return all(token.tokens);
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {all(token.tokens)}
    </a>
  );
}

function list(token: Tokens.List): ReactNode {
  const items = token.items.map((item) =>
    createElement("li", { className: item.task ? "levada-task" : undefined }, all(item.tokens)),
  );
  if (!token.ordered) return createElement("ul", null, ...items);
  return createElement("ol", { start: token.start === "" ? undefined : token.start }, ...items);
}

function table(token: Tokens.Table): ReactNode {
  const row = (tag: "td" | "th", cells: readonly Tokens.TableCell[]) =>
    createElement(
      "tr",
      null,
      ...cells.map((cell) => createElement(tag, { "data-align": cell.align }, all(cell.tokens))),
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <div className="levada-wide" tabIndex={0}>
      <table>
        <thead>{row("th", token.header)}</thead>
        {createElement("tbody", null, ...token.rows.map((cells) => row("td", cells)))}
      </table>
    </div>
  );
}
