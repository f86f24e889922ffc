import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import type { AppName } from "./app-config.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** First load of script, gzipped, bytes. A tablet's cold start is a crew's wait. */
const scriptBytesMax: Record<AppName, number> = { tablet: 250_000, hospital: 200_000, control: 200_000 };

export interface BuiltApp {
  app: AppName;
  folder: string;
  scriptBytes: number;
  scriptBytesMax: number;
}

/**
 * Everything the page loads is script of its first load: there are no late chunks. Workers are not on that path: the service worker,
 * and what reads the camera's symbols, which begins with the camera.
 */
export const gzippedScript = (folder: string): number =>
  readdirSync(join(folder, "assets"))
    .filter((name) => name.endsWith(".js") && !/^[a-z-]+-worker-/.test(name))
    .reduce((bytes, name) => bytes + gzipSync(readFileSync(join(folder, "assets", name)), { level: 9 }).length, 0);

/** Builds the web apps into dist/. Rejects when one does not build or its script is above its limit. */
export const buildApps = async (): Promise<BuiltApp[]> => {
  const built: BuiltApp[] = [];
  for (const app of ["tablet", "hospital", "control"] as const) {
    await build({ configFile: join(root, app, "vite.config.ts"), logLevel: "warn" });
    const folder = join(root, "dist", app);
    built.push({ app, folder, scriptBytes: gzippedScript(folder), scriptBytesMax: scriptBytesMax[app] });
  }
  for (const { app, scriptBytes, scriptBytesMax: max } of built) {
    if (scriptBytes > max) throw new Error(`${app}: ${scriptBytes} bytes of script gzipped, ${max} at most.`);
  }
  return built;
};

if (import.meta.main) {
  for (const { app, scriptBytes, scriptBytesMax: max } of await buildApps()) {
    console.log(`${app}: ${(scriptBytes / 1000).toFixed(1)} kB of script gzipped (at most ${max / 1000} kB)`);
  }
}
