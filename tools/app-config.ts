import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { Plugin, UserConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";

export type AppName = "tablet" | "hospital";

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

/** How both apps are built: one page, nothing inline (the app zone's CSP), everything kept by the app's own worker. */
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
    // One file on purpose; tools/build.ts holds the limit that counts, gzipped.
    chunkSizeWarningLimit: 1_000,
  },
  plugins: [
    react(),
    noLateChunks(),
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
