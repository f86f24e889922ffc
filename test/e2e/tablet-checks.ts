import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { themes } from "../browser.ts";

/** For Chromium: as if built into the tablet, with a finger on it. */
export const platformAuthenticator = {
  protocol: "ctap2",
  ctap2Version: "ctap2_1",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  hasPrf: true,
  automaticPresenceSimulation: true,
} as const;

const pictures = process.env.HOLDFAST_PICTURES ?? join(".cache", "pictures");

/** Axe over the page in all three themes, a picture of each, and every target that a glove would miss. */
export const inspect = async (page: Page, name: string, problems: string[]): Promise<void> => {
  mkdirSync(pictures, { recursive: true });
  for (const theme of themes) {
    await page.evaluate((chosen) => {
      document.documentElement.dataset.theme = chosen;
    }, theme);
    await page.screenshot({ path: join(pictures, `${name}-${theme}.png`) });
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const { id, nodes } of violations)
      for (const { target } of nodes) problems.push(`${name}, ${theme}: ${id}: ${target.join(" ")}`);
  }
  const small = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button, input, textarea")]
      .filter((element) => element.checkVisibility())
      .filter((element) => element.getBoundingClientRect().height < 56)
      .map((element) => element.textContent),
  );
  problems.push(...small.map((words) => `${name}: smaller than 56 px: ${words}`));
};

/** The bytes of everything that this origin keeps in IndexedDB and localStorage, as one text. */
export const atRest = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open("holdfast-tablet");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const parts: string[] = [JSON.stringify({ ...localStorage })];
    for (const name of database.objectStoreNames) {
      const rows = await new Promise<unknown[]>((resolve) => {
        const request = database.transaction(name).objectStore(name).getAll();
        request.onsuccess = () => resolve(request.result);
      });
      const text = (value: unknown): unknown => (value instanceof Uint8Array ? new TextDecoder().decode(value) : value);
      parts.push(JSON.stringify(rows, (_key, value) => text(value)));
    }
    database.close();
    return parts.join("\n");
  });
