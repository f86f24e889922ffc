import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "@playwright/test";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openBrowser } from "../browser.ts";
import type {} from "./app-update-page.ts";

const codeOf = async (path: string): Promise<string> => {
  const entry = fileURLToPath(new URL(path, import.meta.url));
  const lib = { entry, formats: ["es" as const], fileName: "page" };
  const output = await build({ configFile: false, logLevel: "warn", build: { write: false, target: "es2022", lib } });
  const { output: files } = (Array.isArray(output) ? output[0]! : output) as { output: { code?: string }[] };
  return files[0]!.code!;
};

describe("the apps' service worker", () => {
  let build1 = true;
  let up = true;
  let page = "";
  let worker = "";
  let profile = "";
  let context: BrowserContext;
  const version = () => (build1 ? "build 1" : "build 2");
  const server = createServer((request, response) => {
    if (!up) return void request.socket.destroy();
    const path = new URL(request.url!, "http://app").pathname;
    if (path.endsWith(".js")) {
      const files = [
        { url: "index.html", revision: version() },
        { url: "page.js", revision: null },
      ];
      const filled = worker.replaceAll("self.__WB_MANIFEST", JSON.stringify(files));
      return void response.setHeader("content-type", "text/javascript").end(path === "/page.js" ? page : filled);
    }
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><title>App</title><p>${version()}</p><script type="module" src="/page.js"></script>`);
  });
  const origin = () => `http://tablet.localhost:${(server.address() as AddressInfo).port}`;

  beforeAll(async () => {
    page = await codeOf("app-update-page.ts");
    worker = await codeOf("../../tablet/service-worker.ts");
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    build1 = true;
    up = true;
    profile = mkdtempSync(join(tmpdir(), "holdfast-profile-"));
    context = await openBrowser(profile);
  });
  afterEach(async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  });

  const shows = (tab: Page) => tab.locator("p").textContent();
  /** Build 1, kept by its worker. */
  const openKept = async (address: string): Promise<Page> => {
    const tab = await context.newPage();
    await tab.goto(origin() + address);
    await tab.waitForFunction(() => navigator.serviceWorker.controller !== null);
    return tab;
  };
  const findBuild2 = async (tab: Page) => {
    build1 = false;
    await tab.evaluate(async () => (await navigator.serviceWorker.ready).update());
  };
  const isWaiting = (tab: Page) =>
    tab.waitForFunction(async () => (await navigator.serviceWorker.getRegistration())?.waiting?.state === "installed");
  const closeOtherTabs = async (kept: Page) => {
    for (const tab of context.pages()) if (tab !== kept) await tab.close();
  };

  it("starts the app cold with no network", async () => {
    await openKept("/");
    await context.close();
    up = false;
    context = await openBrowser(profile);
    const tab = await context.newPage();
    await tab.goto(`${origin()}/#/record/any`);
    expect(await shows(tab)).toBe("build 1");
  });

  it("never swaps under an open record, not even over a reload, and does when it is closed", async () => {
    const tab = await openKept("/#/record/one");
    await closeOtherTabs(tab);
    await findBuild2(tab);
    await isWaiting(tab);
    await tab.reload();
    await isWaiting(tab);
    expect(await shows(tab)).toBe("build 1");
    await tab.evaluate(() => {
      location.hash = "#/";
    });
    // The page asks whenever it is looked at, once it has found its worker again after the reload.
    await expect
      .poll(async () => {
        await tab.evaluate(() => document.dispatchEvent(new Event("visibilitychange"))).catch(() => {});
        return shows(tab).catch(() => null);
      })
      .toBe("build 2");
  });

  it("waits while a second window is open, which may have a record open", async () => {
    const tab = await openKept("/");
    const other = await openKept("/#/record/two");
    await findBuild2(tab);
    await isWaiting(tab);
    await tab.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await tab.reload();
    await isWaiting(tab);
    expect(await shows(tab)).toBe("build 1");
    expect(await shows(other)).toBe("build 1");
  });
});
