/** What stands around every view: the way to the others, what was asked lately, the colours. */
import { type ReactNode, useEffect, useRef } from "react";
import { Icon, type IconName, Logo } from "./icons";
import { Link } from "./link";
import { Recent } from "./recent";
import { ASK, href, type Route } from "./router";
import { ThemeChoice } from "./theme";

const PLACES: readonly { to: Route; icon: IconName; label: string }[] = [
  { to: ASK, icon: "ask", label: "Ask" },
  { to: { name: "runs" }, icon: "runs", label: "Runs" },
  { to: { name: "health" }, icon: "steps", label: "Steps" },
  { to: { name: "sources", source: "" }, icon: "sources", label: "Sources" },
];

export function Frame({ route, children }: { route: Route; children: ReactNode }) {
  const main = useRef<HTMLElement>(null);
  useFocusOnChange(main, href(route));
  return (
    <div className="frame">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="sidebar">
        <Link to={ASK} className="brand">
          <Logo /> Levada
        </Link>
        <nav aria-label="Main">
          {PLACES.map(({ to, icon, label }) => (
            <Link key={label} to={to} aria-current={to.name === route.name ? "page" : undefined}>
              <Icon name={icon} /> {label}
            </Link>
          ))}
        </nav>
        <Recent current={route.name === "run" ? route.id : ""} />
        <div className="sidebar-foot">
          <a href="/docs">HTTP interface</a>
          <ThemeChoice />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

/** Put the focus where the new view begins, so that a keyboard or screen reader goes on from there. */
function useFocusOnChange(main: React.RefObject<HTMLElement | null>, address: string) {
  const before = useRef(address);
  useEffect(() => {
    if (before.current === address) return;
    before.current = address;
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [address, main]);
}
