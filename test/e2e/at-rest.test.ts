import { join } from "node:path";
import type { Page } from "@playwright/test";
import { describe, it } from "vitest";
import { viewports } from "../browser.ts";
import { filesWithWords } from "../planted-words.ts";
import { useServer } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { expect } from "./expect.ts";
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

const server = useServer();
const { folder, open } = useBrowsers("profile");

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
    const { context: tabletBrowser, page: tablet } = await open("tablet");
    const { context: screenBrowser, page: screen } = await open("screen", viewports.desktop);
    await enrolTablet(tablet, server.addresses.tablet);
    await signIn(tablet);
    await startShift(tablet);
    await enrolScreen(screen, server.addresses.hospital);
    await signInAtScreen(screen, server, nurse);

    await newRecord(tablet);
    await sayWhoItIs(tablet);
    await writeNote(tablet, "Zephyrmarker says the patient");
    await preAlert(tablet, "Southgate ED", "Tamariskmarker");
    await expect(screen.getByRole("link", { name: "Tamariskmarker" }).first()).toBeVisible();
    await screen.getByRole("link", { name: "Tamariskmarker" }).first().click();
    await expect(timeline(screen)).toContainText("Zephyrmarker");
    await keepPlain(tablet);
    await keepPlain(screen);
    await tabletBrowser.close();
    await screenBrowser.close();

    for (const profile of [join(folder, "tablet"), join(folder, "screen")]) {
      expect(filesWithWords(profile, words).found).toEqual([]);
      // What the same pages stored unsealed is found there, so a word of the patient's would have been.
      expect(filesWithWords(profile, [plain]).found.length).toBeGreaterThan(0);
    }
  });
});
