// Puts the application on the page.

import "@levada/client/react/styles.css";
import "./style.css";
import { connect } from "@levada/client";
import { LevadaProvider } from "@levada/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";

const root = document.getElementById("root");
if (!root) throw new Error("The page has no #root.");
createRoot(root).render(
  <StrictMode>
    <LevadaProvider client={connect()}>
      <App />
    </LevadaProvider>
  </StrictMode>,
);
