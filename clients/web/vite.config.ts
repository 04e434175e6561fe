/** How the page is built into the gateway's static folder: the same input gives the same bytes. */
import { defineConfig } from "vite";

const GATEWAY = `http://${process.env.LEVADA_HTTP ?? "127.0.0.1:8080"}`;
const PROXIED = { target: GATEWAY, changeOrigin: true, headers: { origin: GATEWAY } };

export default defineConfig({
  resolve: { conditions: ["levada-source", "module", "browser"] },
  build: {
    outDir: "../../gateway/static",
    emptyOutDir: true,
    target: "es2022",
    // The pages name what they need; modules name it by themselves, so that embed.js works from any origin.
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_, needed, { hostType }) => (hostType === "html" ? needed : []),
    },
    cssCodeSplit: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      input: { page: "index.html", docs: "docs.html", embed: "src/embed/element.tsx" },
      preserveEntrySignatures: "allow-extension",
      output: {
        // embed.js is a public address; all else is named by its content.
        entryFileNames: (chunk) => (chunk.name === "embed" ? "embed.js" : "assets/[name]-[hash].js"),
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
        // What every entry needs comes in two files, not in twenty.
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(react|react-dom|scheduler)\// },
            {
              name: "levada",
              test: /clients\/(typescript\/src|web\/src\/shell)\/(?!react\/(chart\/drawing|highlighted))/,
            },
          ],
        },
      },
    },
  },
  // The gateway refuses pages of other origins; to it, what is developed is its own page.
  server: { proxy: { "/v1": PROXIED, "/openapi.json": PROXIED } },
});
