/** Tests of the page's own parts run on Node alone; the page as a whole is tested in a browser. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Its source, as the build takes it; by its path, for Vitest would not compile what it takes for a dependency.
  resolve: {
    alias: [
      { find: /^@levada\/client$/, replacement: fileURLToPath(new URL("../typescript/src/index.ts", import.meta.url)) },
    ],
  },
  test: { include: ["tests/**/*.test.ts"] },
});
