import type { Page } from "@playwright/test";
import { inspect } from "./inspect.ts";

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

/** As on every screen, and every target that a glove would miss. */
export const inspectTablet = async (page: Page, name: string, problems: string[]): Promise<void> => {
  await inspect(page, name, problems);
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
