import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { beforeAll, describe, it } from "vitest";
import { themes, viewports } from "../browser.ts";
import { alone, destination, enrolTestDevice, incident, pull, push, runOf, southgate, testChain } from "../devices.ts";
import { useArchive, useArchivedBase } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { enrolDesk, governance, openPage, signInAtDesk } from "./desk-steps.ts";
import { expect } from "./expect.ts";
import { inspect as inspectPage } from "./inspect.ts";

const archive = useArchive();
const server = useArchivedBase(archive, "by-itself");
let page: Page;
const problems: string[] = [];
const { open } = useBrowsers("afterwards");
const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

beforeAll(async () => {
  ({ page } = await open("desk"));
  await enrolDesk(page, server.addresses.control);
  await signInAtDesk(page, server, governance);
});

const inspect = async (name: string): Promise<void> => {
  for (const size of [viewports.desktop, viewports.tablet]) {
    await page.setViewportSize(size);
    await inspectPage(page, `desk-${name}-${size.width}`, problems, themes);
  }
};

describe("the harm review at the desk", () => {
  it("lists the contacts of an outage, takes a review by keyboard alone, and exports the list", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const [conveyed, other] = [testChain(), testChain()];
    const at = { occurredAt: hoursAgo(3) };
    await push(
      server,
      tablet,
      await runOf(tablet, conveyed, { ...incident, ...at }, { ...destination(southgate), ...at }),
    );
    await push(server, tablet, await runOf(tablet, other, { ...incident, occurredAt: hoursAgo(0.1) }));
    await openPage(page, "Harm review");
    await expect(page.getByText("No outage has been listed.")).toBeVisible();

    await page.getByRole("button", { name: "New outage" }).focus();
    await page.keyboard.press("Enter");
    const asked = page.getByRole("dialog", { name: "An outage" });
    await asked.getByRole("textbox", { name: "What happened" }).fill("The data centre was away");
    await inspect("outage-new");
    await asked.getByRole("button", { name: "List its contacts" }).focus();
    await page.keyboard.press("Enter");
    const contacts = page.getByRole("region", { name: /^Contacts, / });
    await expect(contacts.getByRole("row", { name: new RegExp(conveyed.recordId) })).toContainText(
      "Handover not delivered",
    );
    await expect(contacts.getByRole("row", { name: new RegExp(conveyed.recordId) })).toContainText("Entries late: 2");
    await expect(contacts.getByRole("row", { name: new RegExp(other.recordId) })).toContainText("Nothing");
    await inspect("outage-contacts");

    await page.getByRole("button", { name: `Review contact ${conveyed.recordId}` }).focus();
    await page.keyboard.press("Enter");
    const review = page.getByRole("dialog", { name: "What this contact went without" });
    await review.getByRole("radio", { name: "No harm came of it" }).focus();
    await page.keyboard.press("ArrowDown");
    await review.getByRole("textbox", { name: "What you found" }).fill("Handed over by mouth");
    await inspect("outage-review");
    await review.getByRole("button", { name: "Save the review" }).focus();
    await page.keyboard.press("Enter");
    await expect(contacts.getByRole("row", { name: new RegExp(conveyed.recordId) })).toContainText(
      "Somebody speaks with the patient, the crew or the hospital, Grace Banda: Handed over by mouth",
    );
    await expect(page.getByRole("region", { name: "Outages" }).getByRole("cell", { name: "none" })).toBeVisible();

    await contacts.getByRole("button", { name: "Export" }).click();
    const dialog = page.getByRole("dialog", { name: "Export the contacts" });
    await dialog.getByRole("textbox", { name: "Reason" }).fill("For the board");
    const saved = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Export" }).click();
    const text = readFileSync(await (await saved).path(), "utf8");
    expect(text).toContain(`${conveyed.recordId},${conveyed.recordId}`);
    expect(problems).toEqual([]);
  });
});

describe("who did what, at the desk", () => {
  it("is asked and paged by keyboard alone, and says what was refused", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const chain = testChain();
    for (let entry = 0; entry < 60; entry++) await push(server, tablet, await runOf(tablet, chain, incident));
    await pull(server, alone(tablet), chain.recordId).catch(() => {});
    await openPage(page, "Who did what");
    await page.getByRole("textbox", { name: "Device id" }).fill(tablet.deviceId);
    await page.keyboard.press("Enter");
    const lines = page.getByRole("region", { name: "Who did what, newest first" });
    await expect(lines.getByRole("row").filter({ hasText: "Refused" }).first()).toBeVisible();
    // Ids stay as they are.
    await expect(lines.getByRole("row").filter({ hasText: chain.recordId }).first()).toBeVisible();
    await inspect("timeline");
    const older = page.getByRole("button", { name: "Older" });
    await older.focus();
    await page.keyboard.press("Enter");
    await expect(lines.getByRole("row").filter({ hasText: "Wrote entry 1 (incident)" })).toBeVisible();
    await expect(older).toBeDisabled();
    await page.getByRole("button", { name: "Newer" }).focus();
    await page.keyboard.press("Enter");
    await expect(lines.getByRole("row").filter({ hasText: "Wrote entry 60 (incident)" })).toBeVisible();
    expect(problems).toEqual([]);
  });
});
