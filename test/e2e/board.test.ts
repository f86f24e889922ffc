import type { Page } from "@playwright/test";
import { beforeAll, describe, it } from "vitest";
import { describeReal, realFiles } from "../real-data.ts";
import { useServer } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { expect } from "./expect.ts";
import { enrolScreen, harbourNurse, nurse, signInAtScreen } from "./hospital-steps.ts";
import {
  attachEcg,
  enrolTablet,
  newRecord,
  preAlert,
  quickTile,
  recordObs,
  sayWhoItIs,
  signIn,
  startShift,
  strikeEntry,
  timeline,
  writeNote,
} from "./tablet-steps.ts";

const server = useServer();
const { open } = useBrowsers("board");
let tablet: Page;
let southgate: Page;
let harbour: Page;

beforeAll(async () => {
  ({ page: tablet } = await open("tablet"));
  ({ page: southgate } = await open("southgate"));
  ({ page: harbour } = await open("harbour"));
  await enrolTablet(tablet, server.addresses.tablet);
  await signIn(tablet);
  await startShift(tablet);
  await enrolScreen(southgate, server.addresses.hospital, "Southgate");
  await enrolScreen(harbour, server.addresses.hospital, "Harbour");
  await signInAtScreen(southgate, server, nurse);
  await signInAtScreen(harbour, server, harbourNurse);
});

const row = (board: Page) => board.getByRole("row").filter({ hasText: "NM201" });
const arrivals = (board: Page) => board.getByRole("link", { name: "Arrivals" });
/** A change reaches the board by a poke, or by the next poll: longer than either. */

describe("two departments and a crew", () => {
  it("a diverted patient leaves the first board, with words there, and comes to the second, and a stand-down ends it", async () => {
    await newRecord(tablet);
    await sayWhoItIs(tablet);
    await recordObs(tablet);
    await preAlert(tablet, "Southgate ED", "Fall, hip pain");
    await expect(row(southgate)).toContainText("15 min");
    await southgate.getByRole("link", { name: "Fall, hip pain" }).click();
    await expect(timeline(tablet)).toContainText("Seen by Zofia Nowak");

    await quickTile(tablet, /^Pre-alert/).click();
    await tablet.getByRole("button", { name: "Harbour ED" }).click();
    await expect(tablet.getByText("This diverts the patient from Southgate ED.")).toBeVisible();
    await tablet.getByRole("button", { name: "Divert, no pre-alert" }).click();
    await expect(southgate.getByText("Going to Harbour ED, not coming here")).toBeVisible();
    await expect(southgate.getByRole("button", { name: /^Accept/ })).toHaveCount(0);
    await arrivals(southgate).click();
    await expect(southgate.getByText("diverted, no longer coming here")).toBeVisible();
    await expect(row(southgate)).toHaveCount(0);
    // The time to the first site says nothing about the way to the second.
    await expect(row(harbour)).toContainText("no ETA");

    await row(harbour).getByRole("link").click();
    await harbour.getByRole("button", { name: "Assign place NM201" }).click();
    await harbour.getByRole("button", { name: /^Majors 3/ }).click();
    await expect(timeline(tablet)).toContainText("Place: Majors 3");

    await quickTile(tablet, /^Pre-alert/).click();
    await tablet.getByRole("button", { name: "Stand down" }).click();
    await expect(harbour.getByText("Stood down, not coming")).toBeVisible();
    await arrivals(harbour).click();
    await expect(harbour.getByText("stood down")).toBeVisible();
    await tablet.getByRole("button", { name: "All records" }).click();
  });

  it("what is added, amended and struck after the acceptance is shown to who accepted, until it is seen", async () => {
    await newRecord(tablet);
    await writeNote(tablet, "Slipped on ice");
    await writeNote(tablet, "Weight about 60 kg");
    await preAlert(tablet, "Southgate ED", "Slip, wrist");
    await row(southgate).getByRole("button", { name: "Accept NM201" }).click();
    await southgate.getByRole("button", { name: /^Accept as Zofia Nowak/ }).click();
    await expect(timeline(tablet)).toContainText("Accepted by Zofia Nowak");

    await timeline(tablet)
      .getByRole("button", { name: /Weight about/ })
      .click();
    await tablet.getByRole("button", { name: "Amend", exact: true }).click();
    await tablet.getByRole("textbox", { name: "Note" }).fill("Weight about 70 kg");
    await tablet.getByRole("textbox", { name: "Reason for the change" }).fill("weighed");
    await tablet.getByRole("button", { name: "Save amendment" }).click();
    await expect(timeline(tablet)).toContainText("amended once");
    await strikeEntry(tablet, "Slipped on ice");
    await writeNote(tablet, "Slipped on oil");

    await expect(row(southgate)).toContainText("3 changes since accepted");
    await southgate.getByRole("link", { name: "Slip, wrist" }).first().click();
    const changes = southgate.getByRole("region", { name: /3 changes since you accepted/ });
    await expect(changes).toContainText("Added: ");
    await expect(changes).toContainText("Weight about 70 kg");
    await expect(changes).toContainText("because: Written twice");
    await changes.getByRole("button", { name: "Seen" }).click();
    await expect(changes).toHaveCount(0);
    await expect(timeline(tablet).getByRole("button", { name: /Slipped on oil/ })).toContainText("Seen by Zofia Nowak");

    // The whole line goes, not only its last version: 60 kg must not come back.
    await strikeEntry(tablet, "Weight about 70 kg");
    await expect(timeline(tablet).getByText(/Weight about/)).toHaveText(["Weight about 70 kg"]);
    await arrivals(southgate).click();
    await tablet.getByRole("button", { name: "All records" }).click();
  });

  it("a receiver's name that the crew recorded ends the row", async () => {
    await newRecord(tablet);
    await preAlert(tablet, "Harbour ED", "Chest infection");
    await expect(row(harbour)).toContainText("Chest infection");
    await tablet.getByRole("button", { name: "Handover, full page" }).click();
    await tablet.getByRole("textbox", { name: "Receiver's name" }).fill("Sister Demo");
    await tablet.getByRole("button", { name: "Record handover" }).click();
    await expect(harbour.getByText("Handed over in the last 4 hours: 1")).toBeVisible();
    await harbour.getByText("Handed over in the last 4 hours: 1").click();
    await expect(row(harbour)).toContainText("Sister Demo");
    await expect(row(harbour).getByRole("button", { name: /^Accept/ })).toHaveCount(0);
    await tablet.getByRole("button", { name: "All records" }).click();
  });
});

describeReal("real input at the tablet", () => {
  it("a real infarction's three files reach the hospital as its ECG", async () => {
    await newRecord(tablet);
    const files = ["s0010_re.hea", "s0010_re.dat", "s0010_re.xyz"].map((name) => {
      return { name, mimeType: "application/octet-stream", buffer: Buffer.from(realFiles(name)!) };
    });
    await attachEcg(tablet, files, 15);
    await preAlert(tablet, "Harbour ED", "STEMI");
    await row(harbour).getByRole("link", { name: "STEMI" }).click();
    await expect(harbour.locator("canvas").first()).toBeVisible();
    await expect(harbour.getByRole("heading", { name: /ECG · 15 leads/ })).toBeVisible();
  });
});
