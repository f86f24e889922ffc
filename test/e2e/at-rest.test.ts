import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { afterAll, beforeAll, describe, it } from "vitest";
import { bootForTest, type TestServer } from "../boot.ts";
import { openBrowser, viewports } from "../browser.ts";
import { filesWithWords } from "../planted-words.ts";
import { enrolScreen, nurse, signInAtScreen } from "./hospital-steps.ts";
import {
  enrolTablet,
  newRecord,
  preAlert,
  sayWhoItIs,
  signIn,
  startShift,
  timeline,
  writeNote,
} from "./tablet-steps.ts";

/** What the patient's record says: the family name is that of `sayWhoItIs`. */
const words = ["DEMO-JOURNEY", "Zephyrmarker", "Tamariskmarker"];
const plain = "Larkspurmarker";
const soon = { timeout: 30_000 };

const folder = mkdtempSync(join(tmpdir(), "holdfast-profile-"));
let server: TestServer;
beforeAll(async () => {
  server = await bootForTest();
});
afterAll(async () => {
  await server?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Whatever the page shows, kept as a browser keeps it without any sealing: what the scan is worth. */
const keepPlain = (page: Page): Promise<void> =>
  page.evaluate(async (word) => {
    localStorage.setItem("control", `${word} in local storage`);
    await new Promise<void>((resolve, reject) => {
      const opening = indexedDB.open("control", 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore("things");
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const writing = opening.result.transaction("things", "readwrite", { durability: "strict" });
        writing.objectStore("things").put({ word }, "one");
        writing.oncomplete = () => resolve();
        writing.onerror = () => reject(writing.error);
      };
    });
  }, plain);

describe("a browser's profile, once it is closed", () => {
  it("holds no planted word of the patient whom the tablet wrote down and the screen showed", async () => {
    const tabletProfile = join(folder, "tablet");
    const screenProfile = join(folder, "screen");
    const [tabletBrowser, screenBrowser] = [
      await openBrowser(tabletProfile, { viewport: viewports.tablet }),
      await openBrowser(screenProfile, { viewport: viewports.desktop }),
    ];
    try {
      const [tablet, screen] = [tabletBrowser.pages()[0]!, screenBrowser.pages()[0]!];
      await enrolTablet(tablet, server.addresses.tablet);
      await signIn(tablet);
      await startShift(tablet);
      await enrolScreen(screen, server.addresses.hospital);
      await signInAtScreen(screen, server, nurse);

      await newRecord(tablet);
      await sayWhoItIs(tablet);
      await writeNote(tablet, "Zephyrmarker says the patient");
      await preAlert(tablet, "Southgate ED", "Tamariskmarker");
      await expect(screen.getByRole("link", { name: "Tamariskmarker" }).first()).toBeVisible(soon);
      await screen.getByRole("link", { name: "Tamariskmarker" }).first().click();
      await expect(timeline(screen)).toContainText("Zephyrmarker", soon);
      await keepPlain(tablet);
      await keepPlain(screen);
    } finally {
      await tabletBrowser.close();
      await screenBrowser.close();
    }
    for (const profile of [tabletProfile, screenProfile]) {
      expect(filesWithWords(profile, words).found).toEqual([]);
      // What the same pages stored unsealed is found there, so a word of the patient's would have been.
      expect(filesWithWords(profile, [plain]).found.length).toBeGreaterThan(0);
    }
  });
});
