// Serves the example and passes calls on to the gateway, so that page and gateway have one origin.
import { defineConfig } from "vite";

const GATEWAY = process.env.LEVADA_HTTP ?? "127.0.0.1:8080";

export default defineConfig({
  // Within this checkout the client is taken from its source; elsewhere, from the installed package.
  resolve: { conditions: ["levada-source", "module", "browser"] },
  server: { proxy: { "/v1": `http://${GATEWAY}` } },
});
