/** A link within the page: a real address, followed without loading the page anew. */
import type { ComponentProps, MouseEvent } from "react";
import { href, navigate, type Route } from "./router";

type LinkProps = Omit<ComponentProps<"a">, "href"> & { to: Route };

export function Link({ to, onClick, ...rest }: LinkProps) {
  function follow(event: MouseEvent<HTMLAnchorElement>) {
    onClick?.(event);
    const elsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
    if (event.defaultPrevented || elsewhere) return;
    event.preventDefault();
    navigate(to);
  }
  return <a href={href(to)} onClick={follow} {...rest} />;
}
