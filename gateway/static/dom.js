// Elements from code. Text goes in by textContent only, so that nothing that was said can become markup.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  set(made, attributes);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(made, attributes);
  made.append(...children);
  return made;
}

function set(made, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(name, value);
  }
}

// The little markdown that answers use: paragraphs, lists, headings, **bold** and `code`.
export function prose(into, text) {
  const parts = [];
  let list = null;
  for (const line of text.split("\n")) {
    const item = /^\s*(?:[-*•]|\d+\.)\s+(.*)$/.exec(line);
    if (item) {
      if (!list) parts.push((list = element("ul")));
      list.append(element("li", {}, ...inline(item[1])));
      continue;
    }
    list = null;
    const heading = /^#{1,6}\s+(.*)$/.exec(line);
    if (heading) parts.push(element("p", {}, element("strong", {}, heading[1])));
    else if (line.trim()) parts.push(element("p", {}, ...inline(line)));
  }
  into.replaceChildren(...parts);
}

function inline(text) {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).filter(Boolean).map((part) => {
    if (part.startsWith("**") && part.length > 4) return element("strong", {}, part.slice(2, -2));
    if (part.startsWith("`") && part.length > 2) return element("code", {}, part.slice(1, -1));
    return part;
  });
}
