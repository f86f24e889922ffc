import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "@playwright/test";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Durability } from "#client/database.ts";
import { openBrowser } from "../browser.ts";
import { sizes } from "../sizes.ts";
import { type CuttableDisk, cannotCutPower, makeCuttableDisk } from "./power-cut.ts";
import type {} from "./saving-page.ts";

/** Entries that must have shown "saved" before the power goes: the cut falls wherever the next ones then are. */
const savedBeforeCut = 100;
const writers = 4;

const cannot = cannotCutPower();
const mustRun = process.env.CI === "true" || process.env.HOLDFAST_REAL_DATA !== undefined;
const skip = cannot !== null && !(mustRun && process.getuid?.() === 0);
if (cannot !== null) console.log(`power cut of the browser ${skip ? "skipped" : "cannot run"}: ${cannot}`);

const buildPage = async (): Promise<string> => {
  const entry = fileURLToPath(new URL("saving-page.ts", import.meta.url));
  const output = await build({
    configFile: false,
    logLevel: "warn",
    build: { write: false, target: "es2022", lib: { entry, formats: ["es"], fileName: "page" } },
  });
  const { output: files } = (Array.isArray(output) ? output[0]! : output) as { output: { code?: string }[] };
  return files[0]!.code!;
};

/** Adds to `saved`, the page's own list of what it showed as saved, kept outside the disk that loses power. */
const saveUntilCut = async (
  page: Page,
  disk: CuttableDisk,
  durability: Durability,
  saved: Set<string>,
): Promise<void> => {
  const goal = saved.size + savedBeforeCut;
  let reached = () => {};
  const enough = new Promise<void>((resolve) => {
    reached = resolve;
  });
  await page.exposeFunction("reportSaved", (id: string) => {
    saved.add(id);
    if (saved.size >= goal) reached();
  });
  const stopped = page.evaluate(([how, count]) => window.savingPage.saveUntilCut(how, count), [
    durability,
    writers,
  ] as const);
  // Until the cut the page only ends by failing; after it, by dying.
  await Promise.race([enough, stopped]);
  stopped.catch(() => {});
  disk.cutPower();
};

describe.skipIf(skip)("a power cut of the browser", () => {
  let origin = "";
  let code = "";
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(
      isScript ? code : '<!doctype html><title>Saving</title><script type="module" src="/page.js"></script>',
    );
  });
  beforeAll(async () => {
    code = await buildPage();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://tablet.localhost:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  const openPage = async (disk: CuttableDisk): Promise<{ context: BrowserContext; page: Page }> => {
    const profile = join(disk.folder, "profile");
    mkdirSync(profile, { recursive: true });
    const context = await openBrowser(profile);
    const page = await context.newPage();
    await page.goto(origin);
    await page.waitForFunction(() => window.savingPage !== undefined);
    return { context, page };
  };

  /** How many of the entries shown as saved, in this cut and those before, are gone after it. */
  const cutOnce = async (disk: CuttableDisk, durability: Durability, saved: Set<string>): Promise<number> => {
    const before = await openPage(disk);
    await saveUntilCut(before.page, disk, durability, saved);
    await before.context.close().catch(() => {});
    disk.powerOn();
    const after = await openPage(disk);
    try {
      const held = new Set(await after.page.evaluate(() => window.savingPage.heldIds()));
      return [...saved].filter((id) => !held.has(id)).length;
    } finally {
      await after.context.close();
    }
  };

  const withDisk = async <T>(run: (disk: CuttableDisk) => Promise<T>): Promise<T> => {
    const disk = makeCuttableDisk(512);
    try {
      return await run(disk);
    } finally {
      disk.remove();
    }
  };

  it(`loses nothing that was shown as saved, in ${sizes.browserPowerCuts} cuts of one profile`, async () => {
    await withDisk(async (disk) => {
      const saved = new Set<string>();
      for (let cut = 1; cut <= sizes.browserPowerCuts; cut++) {
        const lost = await cutOnce(disk, "strict", saved);
        console.log(`browser power cut ${cut}: ${saved.size} shown as saved so far, ${lost} lost`);
        expect(saved.size).toBeGreaterThanOrEqual(cut * savedBeforeCut);
        expect(lost).toBe(0);
      }
    });
  });

  it("loses some with relaxed durability: the cut really cuts", async () => {
    const saved = new Set<string>();
    const lost = await withDisk((disk) => cutOnce(disk, "relaxed", saved));
    console.log(`browser power cut, relaxed durability: ${saved.size} shown as saved, ${lost} lost`);
    expect(saved.size).toBeGreaterThanOrEqual(savedBeforeCut);
    expect(lost).toBeGreaterThan(0);
  });
});
