// Serves the example and passes calls on to the gateway, so that page and gateway have one origin.
import { defineConfig } from "vite";

const gateway = `http://${process.env.LEVADA_HTTP ?? "127.0.0.1:8080"}`;

export default defineConfig({
  // Within this checkout the client is taken from its source; elsewhere, from the installed package.
  resolve: { conditions: ["levada-source", "module", "browser"] },
  // The gateway refuses pages of other origins unless LEVADA_CORS_ORIGINS names them.
  server: { proxy: { "/v1": { target: gateway, changeOrigin: true, headers: { origin: gateway } } } },
});
