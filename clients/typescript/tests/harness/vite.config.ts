// Builds the components by themselves into the folder that `--outDir` names, for tests in a browser.
import { defineConfig } from "vite";

export default defineConfig({
  resolve: { conditions: ["levada-source", "module", "browser"] },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false }, emptyOutDir: true },
  logLevel: "warn",
});
