import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Page } from "@playwright/test";
import { describe, it } from "vitest";
import { encodeEcg } from "#monitoring/ecg-file.ts";
import { generateEcg } from "../../demo/ecg-generator.ts";
import { keepPictures, openBrowser, viewports } from "../browser.ts";
import { cannotCutPower, makeCuttableDisk } from "../faults/power-cut.ts";
import { useFolder, useServer } from "../set-up.ts";
import { expect } from "./expect.ts";
import { doctor, enrolScreen, signInAtScreen } from "./hospital-steps.ts";
import {
  attachEcg,
  enrolTablet,
  giveGtn,
  newRecord,
  preAlert,
  recordObs,
  sayWhoItIs,
  signIn,
  startShift,
  strikeEntry,
  timeline,
  untilInstalled,
  writeNote,
} from "./tablet-steps.ts";

const why = cannotCutPower();
const folder = useFolder("journey");
const server = useServer();

const firstPage = (context: BrowserContext): Page => context.pages()[0]!;

describe.skipIf(why !== null)(`the main job${why === null ? "" : ` (skipped: ${why})`}`, () => {
  it("a record written offline outlives a power cut, reaches the board, is accepted, and the receipt reaches the tablet", async () => {
    const disk = makeCuttableDisk(1024);
    const profile = join(disk.folder, "profile");
    const tabletAddress = server.addresses.tablet;
    const ecgFile = join(folder, "inferior.hfecg");
    writeFileSync(ecgFile, encodeEcg(generateEcg("inferior-stemi", new Date().toISOString(), 7)));
    const open: BrowserContext[] = [];
    try {
      // The day before: the tablet is set up on the network, and put away.
      let tablet = await openBrowser(profile);
      let page = firstPage(tablet);
      await enrolTablet(page, tabletAddress);
      await signIn(page);
      await startShift(page);
      await untilInstalled(page);
      await tablet.close();
      execFileSync("sync", ["-f", disk.folder]);

      // Cold start with no network.
      tablet = await openBrowser(profile);
      open.push(tablet);
      await tablet.setOffline(true);
      page = firstPage(tablet);
      await page.goto(tabletAddress);
      await signIn(page);
      await newRecord(page);
      await sayWhoItIs(page);
      await recordObs(page);
      await giveGtn(page);
      await attachEcg(page, ecgFile);
      await writeNote(page, "Found on the kitchen floor");
      await writeNote(page, "Wrong patient's note");
      await strikeEntry(page, "Wrong patient's note");
      await preAlert(page, "Southgate ED", "Chest pain");
      await expect(page.getByText(/waiting, saved on this tablet/).first()).toBeVisible();
      const address = page.url();

      // The battery goes.
      const gone = new Promise<void>((resolve) => tablet.once("close", () => resolve()));
      disk.cutPower();
      await gone;
      disk.powerOn();

      tablet = await openBrowser(profile);
      open.push(tablet);
      await tablet.setOffline(true);
      page = firstPage(tablet);
      await page.goto(address);
      await signIn(page);
      for (const text of [
        "NEWS2 5",
        "Glyceryl trinitrate 400",
        "ECG · 12 leads",
        "Found on the kitchen floor",
        "Pre-alert",
      ])
        await expect(timeline(page)).toContainText(text);
      await expect(timeline(page)).toContainText(/Wrong patient's note.*Struck/s);

      // Back on line: it goes by itself.
      await tablet.setOffline(false);
      await expect(page.getByText("All sent").first()).toBeVisible();

      const hospital = await openBrowser(join(folder, "hospital"), { viewport: viewports.desktop });
      open.push(hospital);
      const board = firstPage(hospital);
      await enrolScreen(board, server.addresses.hospital);
      const row = board.getByRole("row").filter({ hasText: "NM201" });
      await expect(row).toContainText("Chest pain");
      await expect(row.getByRole("img", { name: /NEWS2 5/ })).toBeVisible();
      await signInAtScreen(board, server, doctor);
      await row.getByRole("button", { name: "Accept NM201" }).click();
      await board.getByRole("button", { name: /^Accept as Femi Adeyemi/ }).click();

      await expect(timeline(page)).toContainText(/Femi Adeyemi/);
    } catch (failure) {
      await keepPictures(open);
      throw failure;
    } finally {
      for (const context of open) await context.close().catch(() => {});
      disk.remove();
    }
  });
});
