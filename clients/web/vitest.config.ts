/** Tests of the page's own parts run on Node alone; the page as a whole is tested in a browser. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(`../typescript/src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    // By their paths, for Vitest would not compile what it takes for a dependency.
    alias: [
      { find: /^@levada\/client$/, replacement: source("index.ts") },
      { find: /^@levada\/client\/react$/, replacement: source("react/index.ts") },
    ],
  },
  test: { include: ["tests/**/*.test.{ts,tsx}"], testTimeout: 30_000 }, // also on a busy machine
});
