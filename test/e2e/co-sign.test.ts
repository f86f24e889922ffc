import type { Page } from "@playwright/test";
import { describe, it } from "vitest";
import type { Entry } from "#domain/entry/entry.ts";
import { fold } from "#domain/record.ts";
import { viewports } from "../browser.ts";
import { useServer } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { expect } from "./expect.ts";
import { enrolScreen, nurse, signInAtScreen } from "./hospital-steps.ts";
import { inspect } from "./inspect.ts";
import { inspectTablet } from "./tablet-checks.ts";
import {
  enrolTablet,
  newRecord,
  preAlert,
  quickTile,
  recordObs,
  sayWhoItIs,
  signIn,
  startShift,
  timeline,
  untilInstalled,
  writeNote,
} from "./tablet-steps.ts";

const server = useServer();
const { open } = useBrowsers("co-sign");

const student = "Sam Testcase";
const medic = "Amara Okafor";
const dialog = (page: Page) => page.getByRole("dialog", { name: "Co-signature" });
const awaits = (page: Page) => page.getByRole("button", { name: /by Sam Testcase \(student\) awaits? a co-signature/ });
const noteLine = (page: Page, text: string) => timeline(page).getByRole("listitem").filter({ hasText: text });
const recordIdOf = (page: Page): string => new URL(page.url()).hash.split("/")[2]!;
const swapTo = async (page: Page, person: string, pin: string): Promise<void> => {
  await page.getByRole("button", { name: /^Menu/ }).click();
  await page.getByRole("button", { name: "Lock, or change person" }).click();
  await signIn(page, person, pin);
};

const atBase = async (recordId: string): Promise<Entry[]> => {
  const lines = await server.cells.get("northmoor")!.crewReader.lines([{ recordId, after: 0 }], 500);
  return lines.map(({ text }) => JSON.parse(text!) as Entry);
};
/** What the base's copy of the record says, of each entry that asks for a co-signature. */
const signersAtBase = async (recordId: string): Promise<Record<string, string[]>> => {
  const asking = fold(await atBase(recordId)).lines.filter(({ coSign }) => coSign !== undefined);
  return Object.fromEntries(
    asking.map(({ entry, coSign }) => [
      String(entry.body.text ?? entry.kind),
      coSign!.by.map(({ author }) => author.name),
    ]),
  );
};

describe("a student's entries", () => {
  it("are written and sent without a co-signature, shown as such at the hospital, and signed by a crewmate in one tap", async () => {
    const problems: string[] = [];
    const { context, page } = await open("tablet");
    await enrolTablet(page, server.addresses.tablet);
    await untilInstalled(page);
    await context.setOffline(true);
    await signIn(page, student, "6666");
    await page.getByRole("button", { name: `${medic}, Paramedic` }).click();
    await startShift(page);
    await newRecord(page);
    await sayWhoItIs(page);
    await recordObs(page);
    await quickTile(page, /^Oxygen/).click();
    await writeNote(page, "DEMO first note by the student");
    await writeNote(page, "DEMO second note by the student");
    await preAlert(page, "Southgate ED", "Chest pain");
    await expect(noteLine(page, "DEMO first note")).toContainText("awaiting co-signature");
    const recordId = recordIdOf(page);

    // The student sees what waits and who can sign, and can sign nothing.
    await awaits(page).click();
    await expect(dialog(page)).toContainText(`${medic} can sign`);
    await expect(dialog(page)).toContainText("The handover does not wait for it.");
    await expect(dialog(page).getByRole("button", { name: /^Sign/ })).toHaveCount(0);
    await inspectTablet(page, "tablet-co-sign-student", problems);
    await page.keyboard.press("Escape");
    await expect(dialog(page)).toHaveCount(0);

    // Nothing is held up: it goes to the base and is on the board, unsigned and said to be.
    await context.setOffline(false);
    await expect(page.getByText("All sent").first()).toBeVisible();
    const { page: board } = await open("hospital", viewports.desktop);
    await enrolScreen(board, server.addresses.hospital);
    const row = board.getByRole("row").filter({ hasText: "NM201" });
    await expect(row).toContainText(/\d+ not co-signed/);
    await inspect(board, "hospital-board-unsigned", problems);
    await signInAtScreen(board, server, nurse);
    await row.getByRole("link", { name: "Chest pain" }).click();
    await expect(noteLine(board, "DEMO first note")).toContainText("Awaiting co-signature");
    await expect(board.getByRole("region", { name: /ATMIST/ })).toContainText(
      /entries by Sam Testcase \(student\) await a co-signature/,
    );
    await expect(board.getByRole("region", { name: "Observations table" })).toContainText("not co-signed");
    await inspect(board, "hospital-patient-unsigned", problems);
    await board.setViewportSize(viewports.tablet);
    await inspect(board, "hospital-patient-unsigned-1280", problems, ["day"]);
    await board.setViewportSize(viewports.desktop);
    expect(Object.values(await signersAtBase(recordId)).flat()).toEqual([]);

    // The paramedic takes over with no network, leaves one note out, and signs the rest in one tap.
    await context.setOffline(true);
    await swapTo(page, medic, "1111");
    await expect(awaits(page)).toBeVisible();
    await inspectTablet(page, "tablet-record-unsigned", problems);
    await page.getByRole("button", { name: "All records" }).click();
    await expect(page.getByText("8 to co-sign")).toBeVisible();
    await inspectTablet(page, "tablet-home-unsigned", problems);
    await page.getByRole("button", { name: /to co-sign/ }).click();
    await noteLine(page, "DEMO first note").getByRole("button").click();
    await expect(page.getByRole("dialog")).toContainText("Awaiting co-signature");
    await inspectTablet(page, "tablet-entry-unsigned", problems);
    await page.keyboard.press("Escape");
    await awaits(page).click();
    // A hurried Enter signs nothing.
    await expect(dialog(page).getByRole("button", { name: `Sign all 8 as ${medic}` })).not.toBeFocused();
    const secondNote = dialog(page).getByRole("button", { name: /DEMO second note/ });
    await secondNote.click();
    await expect(secondNote).toHaveAttribute("aria-pressed", "false");
    await inspectTablet(page, "tablet-co-sign", problems);
    await dialog(page)
      .getByRole("button", { name: new RegExp(`^Sign 7 of 8 as ${medic}`) })
      .click();
    await expect(dialog(page)).toHaveCount(0);
    await expect(noteLine(page, "DEMO first note")).toContainText(`co-signed by ${medic}`);
    await expect(noteLine(page, "DEMO second note")).toContainText("awaiting co-signature");
    await expect(awaits(page)).toHaveText("1 entry by Sam Testcase (student) awaits a co-signature");

    await context.setOffline(false);
    await expect(noteLine(board, "DEMO first note")).toContainText(`co-signed by ${medic}`);
    await expect(noteLine(board, "DEMO second note")).toContainText("Awaiting co-signature");
    await expect.poll(async () => (await signersAtBase(recordId))["DEMO first note by the student"]).toEqual([medic]);
    expect((await signersAtBase(recordId))["DEMO second note by the student"]).toEqual([]);

    await awaits(page).click();
    await dialog(page)
      .getByRole("button", { name: `Sign as ${medic}` })
      .click();
    await expect(awaits(page)).toHaveCount(0);
    await board.getByRole("link", { name: "Arrivals" }).click();
    await expect(row).toBeVisible();
    await expect(row).not.toContainText("not co-signed");
    await inspectTablet(page, "tablet-record-signed", problems);
    expect(problems).toEqual([]);
  });

  it("ask for a new one when the student amends them, and a co-signature can be taken back at once", async () => {
    const { page } = await open("amended");
    await enrolTablet(page, server.addresses.tablet, "Northmoor", "DEMO-TABLET-2");
    await signIn(page);
    await startShift(page, "NM202");
    await newRecord(page);
    await swapTo(page, student, "6666");
    await writeNote(page, "DEMO amended note");
    await swapTo(page, medic, "1111");
    await awaits(page).click();
    await dialog(page).getByRole("button", { name: /^Sign/ }).click();
    await page.getByRole("button", { name: "Undo Co-signature of 1 entry" }).click();
    await expect(noteLine(page, "DEMO amended note")).toContainText("awaiting co-signature");
    await awaits(page).click();
    await dialog(page).getByRole("button", { name: /^Sign/ }).click();
    await expect(noteLine(page, "DEMO amended note")).toContainText(`co-signed by ${medic}`);

    await swapTo(page, student, "6666");
    await noteLine(page, "DEMO amended note").getByRole("button").click();
    await page
      .getByRole("button", { name: /minutes before|^As written/ })
      .last()
      .click();
    await expect(noteLine(page, "DEMO amended note")).toContainText("awaiting co-signature");
    await expect(awaits(page)).toBeVisible();
  });
});
