// Where a link in a text may lead: the web and mail, nowhere else.

const ALLOWED = new Set(["http:", "https:", "mailto:"]);

/** Return *href* as an absolute address, or undefined where it must not be followed. */
export function safeLink(href: string): string | undefined {
  try {
    const url = new URL(href);
    return ALLOWED.has(url.protocol) ? url.href : undefined;
  } catch {
    return undefined; // relative addresses would lead into the page that shows the text
  }
}
