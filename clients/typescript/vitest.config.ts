// Tests run on Node alone; those of components say themselves that they need a DOM.
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["levada-source"] },
  test: { include: ["tests/**/*.test.{ts,tsx}"], testTimeout: 30_000 }, // also on a busy machine
});
