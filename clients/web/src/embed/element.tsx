/**
 * `<levada-ask>`: asking and watching inside any page. Attributes: `source` (names, separated by commas; whichever
 * answers it if left out), `pipeline` (whichever fits if left out), `base-url` (where this script came from if left
 * out), `question` (asked at once), `placeholder`, `theme` ("light", "dark"; as the system has it if left out).
 * Property: `token`, a bearer token or a function that gives one. Sends `levada-ended` with {runId, state} once an
 * answer is there.
 */
import { type ConnectOptions, connect, type RunState } from "@levada/client";
import { LevadaProvider } from "@levada/client/react";
import { createRoot, type Root } from "react-dom/client";
import styles from "../styles/embed.css?inline";
import { Asker } from "./asker";

const ATTRIBUTES = ["source", "pipeline", "base-url", "question", "placeholder", "theme"] as const;
const HERE = new URL(import.meta.url).origin;

class LevadaAsk extends HTMLElement {
  static observedAttributes = ATTRIBUTES;
  /** A bearer token, or what gives one. Set it before the element is put into the page. */
  token: ConnectOptions["token"];
  #root: Root | undefined;
  #client: ReturnType<typeof connect> | undefined;

  connectedCallback() {
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    shadow.adoptedStyleSheets = [sheet];
    this.#client = connect({
      baseUrl: this.getAttribute("base-url") ?? HERE,
      ...(this.token ? { token: this.token } : {}),
    });
    this.#root = createRoot(shadow);
    this.#show();
  }

  disconnectedCallback() {
    this.#root?.unmount();
    this.#client?.close();
    this.#root = undefined;
  }

  attributeChangedCallback() {
    this.#show();
  }

  #show() {
    if (!this.#root || !this.#client) return;
    const theme = this.getAttribute("theme");
    if (theme) this.dataset.theme = theme;
    else delete this.dataset.theme;
    this.#root.render(
      <LevadaProvider client={this.#client}>
        <Asker
          sources={(this.getAttribute("source") ?? "")
            .split(",")
            .map((name) => name.trim())
            .filter(Boolean)}
          pipeline={this.getAttribute("pipeline") ?? ""}
          question={this.getAttribute("question") ?? ""}
          placeholder={this.getAttribute("placeholder") ?? "Ask a question of your data"}
          ended={(state) => this.#ended(state)}
        />
      </LevadaProvider>,
    );
  }

  #ended(state: RunState) {
    this.dispatchEvent(
      new CustomEvent("levada-ended", { bubbles: true, composed: true, detail: { runId: state.runId, state } }),
    );
  }
}

if (!customElements.get("levada-ask")) customElements.define("levada-ask", LevadaAsk);
