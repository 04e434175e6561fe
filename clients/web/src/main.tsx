/** The page's start. */
import { LevadaProvider } from "@levada/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { levada } from "./shell/levada";
import { applyTheme } from "./shell/preferences";
import { navigate } from "./shell/router";

applyTheme();
// Links to runs from before runs had addresses of their own.
const earlier = /^#([0-9a-f-]{36})$/.exec(location.hash)?.[1];
if (location.pathname === "/" && earlier) navigate({ name: "run", id: earlier, tab: "answer" }, { replace: true });

createRoot(document.getElementById("page") as HTMLElement).render(
  <StrictMode>
    <LevadaProvider client={levada}>
      <App />
    </LevadaProvider>
  </StrictMode>,
);
