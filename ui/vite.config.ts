import { defineConfig } from "vite";

// The page lives at <base>/web/{applicationId}/{webExperienceId} and its assets at <base>/web/assets/, wherever
// a proxy may put <base>: so the page names them relative to itself, and they name each other relative to
// themselves. Nothing is inlined: the page runs under a policy that allows neither inline code nor data: URLs.
export default defineConfig({
  base: "./",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    reportCompressedSize: false,
  },
  experimental: {
    renderBuiltUrl: (filename, { hostType }) =>
      hostType === "html" ? `../${filename}` : { relative: true },
  },
});
