/** /docs: reads /openapi.json and shows it. */
import { createRoot } from "react-dom/client";
import { applyTheme } from "../shell/preferences";
import type { OpenApi } from "./document";
import { Docs } from "./page";

applyTheme();
const root = createRoot(document.getElementById("page") as HTMLElement);
try {
  const answer = await fetch("/openapi.json");
  const api = (await answer.json()) as OpenApi;
  root.render(<Docs api={api} />);
  if (location.hash) requestAnimationFrame(() => document.getElementById(location.hash.slice(1))?.scrollIntoView());
} catch {
  root.render(<p role="alert">The gateway can't be reached. Try again in a moment.</p>);
}
