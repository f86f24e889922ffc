import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { Plugin, UserConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";

export type AppName = "tablet" | "hospital" | "control";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A chunk that is fetched late is a screen that does not open offline before its first use. */
const noLateChunks = (): Plugin => ({
  name: "holdfast-no-late-chunks",
  generateBundle(_options, bundle) {
    for (const output of Object.values(bundle)) {
      if (output.type === "chunk" && output.isDynamicEntry) {
        this.error(`${output.fileName} is loaded by import(): everything on the live path loads at once.`);
      }
    }
  },
});

/**
 * What a cold start waits for. A classic script: the browser compiles it once, as the worker stores it, and a module at
 * every start. And the font at once: a page that finds it by its first text lays that text out twice.
 */
const quickStart = (): Plugin => ({
  name: "holdfast-quick-start",
  transformIndexHtml: {
    order: "post",
    handler(html, { bundle }) {
      const font = Object.keys(bundle ?? {}).find((name) => /-latin-wght-normal-.*\.woff2$/.test(name));
      const moduleScript = '<script type="module" crossorigin';
      if (font === undefined || !html.includes(moduleScript))
        this.error("The page has no font, or no module, to start with.");
      const preload = `<link rel="preload" href="/${font}" as="font" type="font/woff2" crossorigin />`;
      return html.replace(moduleScript, `${preload}\n    <script defer`);
    },
  },
});

/** How the apps are built: one page, nothing inline (the app zone's CSP), everything kept by the app's own worker. */
export const appConfig = (app: AppName): UserConfig => ({
  root: `${root}${app}`,
  publicDir: "public",
  cacheDir: `${root}.cache/vite/${app}`,
  build: {
    outDir: `${root}dist/${app}`,
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    sourcemap: true,
    // A style sheet of its own: a script that is no module would put the styles in place itself, which the policy forbids.
    cssCodeSplit: false,
    rollupOptions: { output: { format: "iife", codeSplitting: false, strict: true } },
    // One file on purpose; tools/build.ts holds the limit that counts, gzipped.
    chunkSizeWarningLimit: 1_000,
  },
  plugins: [
    react(),
    noLateChunks(),
    quickStart(),
    VitePWA({
      strategies: "injectManifest",
      srcDir: ".",
      filename: "service-worker.ts",
      injectRegister: false,
      manifest: false,
      injectManifest: { globPatterns: ["**/*.{html,js,css,woff2,svg,png,webmanifest}"], rollupFormat: "iife" },
    }),
  ],
});
