import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { beforeAll, describe, it } from "vitest";
import { freePort } from "../free-port.ts";
import { useServer } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { expect } from "./expect.ts";
import { doctor, enrolScreen, signInAtScreen } from "./hospital-steps.ts";
import {
  enrolTablet,
  newRecord,
  preAlert,
  quickTile,
  signIn,
  startShift,
  timeline,
  writeNote,
} from "./tablet-steps.ts";

// A page finds the server again only at the same port.
const server = useServer(async () => {
  const [app, crew, care] = await Promise.all([freePort(), freePort(), freePort()]);
  return { settings: { HOLDFAST_APP_PORT: app, HOLDFAST_CREW_PORT: crew, HOLDFAST_CARE_PORT: care } };
});
const { open } = useBrowsers("failures");
let tablet: Page;
let board: Page;

beforeAll(async () => {
  ({ page: tablet } = await open("tablet"));
  ({ page: board } = await open("board"));
  await enrolTablet(tablet, server.addresses.tablet);
  await signIn(tablet);
  await startShift(tablet);
  await enrolScreen(board, server.addresses.hospital);
  await signInAtScreen(board, server, doctor);
});

/** Every write to the page's IndexedDB fails as on a full disk. The protocol's own quota is looked at too late to rely on. */
const setFull = (page: Page, full: boolean) =>
  page.evaluate((isFull) => {
    const prototype = IDBObjectStore.prototype as unknown as Record<string, unknown>;
    for (const name of ["add", "put"]) {
      prototype[`${name} before`] ??= prototype[name];
      prototype[name] = isFull
        ? () => {
            throw new DOMException("full", "QuotaExceededError");
          }
        : prototype[`${name} before`];
    }
  }, full);

describe("a tablet whose store is full", () => {
  it("says so in red on every screen, offers a file and the base, and claims nothing is saved that is not", async () => {
    await newRecord(tablet);
    await writeNote(tablet, "Before the disk was full");
    await setFull(tablet, true);
    await quickTile(tablet, /^Oxygen$/).click();
    const banner = tablet.getByRole("alert").filter({ hasText: "NOT SAVED: Oxygen started" });
    await expect(banner).toContainText("this device is full");
    await expect(tablet.getByText("1 not saved")).toBeVisible();
    await expect(timeline(tablet)).not.toContainText("Oxygen started");
    await expect(tablet.getByText("All sent")).toHaveCount(0);

    const [file] = await Promise.all([
      tablet.waitForEvent("download"),
      banner.getByRole("button", { name: "Keep a file" }).click(),
    ]);
    expect(readFileSync(await file.path(), "utf8")).toContain("Oxygen started");

    // A dialog never hides the banner: what it could not save goes there, once.
    await timeline(tablet)
      .getByRole("button", { name: /Before the disk/ })
      .click();
    await tablet.getByRole("button", { name: "Strike", exact: true }).click();
    await tablet.getByRole("button", { name: "Wrong value" }).click();
    await tablet.getByRole("button", { name: "Strike entry" }).click();
    await expect(tablet.getByText("2 not saved")).toBeVisible();
    await expect(tablet.getByRole("dialog")).toHaveCount(0);
    await expect(timeline(tablet)).not.toContainText("Struck");

    await setFull(tablet, false);
    await tablet.getByRole("button", { name: "Save again" }).click();
    await expect(timeline(tablet)).toContainText("Oxygen started");
    await expect(timeline(tablet)).toContainText("Struck");
    await expect(tablet.getByRole("button", { name: "Save again" })).toHaveCount(0);
    await expect(tablet.getByText("All sent")).toBeVisible();
    await expect(timeline(tablet)).not.toContainText("kept aside");
  });

  it("sends all that it could not save past its store, and goes on with the same record", async () => {
    await setFull(tablet, true);
    for (const [tile, words] of [
      [/^IV/, "IV access"],
      [/^Airway$/, "Airway managed"],
    ] as const) {
      await quickTile(tablet, tile).click();
      await expect(tablet.getByRole("alert").filter({ hasText: words })).toBeVisible();
    }
    await tablet.getByRole("button", { name: "Send now" }).click();
    await expect(tablet.getByText("not saved", { exact: false }).filter({ hasText: /^! \d/ })).toHaveCount(0);
    await setFull(tablet, false);
    await writeNote(tablet, "After the disk was mended");
    for (const words of ["IV access", "Airway managed"]) await expect(timeline(tablet)).toContainText(words);
    await expect(tablet.getByText("All sent")).toBeVisible();
    await expect(timeline(tablet)).not.toContainText("kept aside");
  });
});

describe("a board whose server goes away", () => {
  it("says so, keeps an acceptance, and sends it when the server is back", async () => {
    await preAlert(tablet, "Southgate ED", "Chest pain");
    const row = board.getByRole("row").filter({ hasText: "NM201" });
    await expect(row).toContainText("Chest pain");
    await server.close();
    await expect(board.getByText(/Northmoor: last heard .*, showing what was known/)).toBeVisible();
    await row.getByRole("button", { name: "Accept NM201" }).click();
    await board.getByRole("button", { name: /^Accept as Femi Adeyemi/ }).click();
    await expect(row).toContainText("kept here, not sent yet");

    await server.restart();
    await expect(board.getByText("Both services live")).toBeVisible();
    await expect(timeline(tablet)).toContainText("Accepted by Femi Adeyemi");
    await expect(row).not.toContainText("not sent yet");
  });
});
