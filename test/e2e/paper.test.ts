import { join } from "node:path";
import type { BrowserContext, Locator, Page } from "@playwright/test";
import { encodeQR } from "qr";
import { beforeAll, describe, it } from "vitest";
import { numbersOfPack } from "#domain/paper/number.ts";
import { themes, viewports } from "../browser.ts";
import { cameraArgs, pictureOfSymbol, writeFilm } from "../camera.ts";
import { controlLogOf, enrolTestDevice, push, runOf, testChain } from "../devices.ts";
import { printedPack } from "../paper-forms.ts";
import { sql } from "../postgres.ts";
import { useServer } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { continuity, enrolDesk, openPage, recordsOfficer, signInAtDesk, signOutAtDesk } from "./desk-steps.ts";
import { expect } from "./expect.ts";
import { inspect as inspectPage } from "./inspect.ts";
import { enrolTablet, signIn, startShift } from "./tablet-steps.ts";

const server = useServer();
const { folder, open } = useBrowsers("paper");
const camera = join(folder, "camera.y4m");
const problems: string[] = [];
let page: Page;
let tablet: Page;
let tabletContext: BrowserContext;
let pack: string;
let numbers: string[];

beforeAll(async () => {
  pack = await printedPack(server, 6);
  numbers = numbersOfPack({ pack, forms: 6 });
  ({ page } = await open("desk", viewports.tablet, cameraArgs(camera)));
  ({ page: tablet, context: tabletContext } = await open("tablet"));
});

/** In every theme, at both sizes. */
const inspect = async (of: Page, name: string): Promise<void> => {
  for (const size of [viewports.desktop, viewports.tablet]) {
    await of.setViewportSize(size);
    await inspectPage(of, `${name}-${size.width}`, problems, themes);
  }
};
const dialog = () => page.getByRole("dialog");
const tabsMax = 150;
/** Presses Tab until this has the focus, as somebody without a mouse does. */
const tabTo = async (target: Locator): Promise<void> => {
  const isThere = () => target.evaluate((element) => element === document.activeElement);
  for (let tabs = 0; tabs < tabsMax && !(await isThere()); tabs++) await page.keyboard.press("Tab");
  await expect(target).toBeFocused();
};
const typeIn = async (label: string, words: string): Promise<void> => {
  await tabTo(page.getByRole("textbox", { name: label, exact: true }));
  await page.keyboard.type(words);
};
const press = async (name: string | RegExp): Promise<void> => {
  await tabTo(page.getByRole("button", { name }));
  await page.keyboard.press("Enter");
};
const typeNumber = async (number: string): Promise<void> => {
  const field = page.getByRole("textbox", { name: /^Number on the form/ });
  await field.focus();
  await page.keyboard.type(number);
  await page.keyboard.press("Enter");
};
/** Holds a code up to the desk's camera, as it is printed on a form, and a little askew. */
const holdUp = (text: string): void => {
  const symbol = encodeQR(text, "raw", { ecc: "quartile", border: 4 });
  writeFilm(camera, [pictureOfSymbol(symbol, { module: 8, degrees: 5, blur: 1, offset: [120, -40] })], 6);
};
/** What stands on the form, box by box, by keyboard. */
const typeForm = async ({ cad, surname }: { cad: string; surname: string }): Promise<void> => {
  await typeIn("Date", "15012026");
  await typeIn("First time", "1005");
  await typeIn("CAD number", cad);
  await typeIn("Call sign", "NM201");
  await typeIn("Surname", surname);
  await typeIn("Date of birth", "01021950");
  await typeIn("NHS number", "9990000018");
  await tabTo(page.getByRole("combobox", { name: "Allergies" }));
  await page.keyboard.type("None");
  await typeIn("Breaths", "18");
  await typeIn("Drug", "Aspirin");
  await typeIn("Dose", "300");
  const author = page.getByRole("group", { name: "Who wrote the form" });
  await tabTo(author.getByRole("textbox", { name: "Name" }));
  await page.keyboard.type("Testcase Medic");
};
/** The times of a row that has none are missing still. */
const typeTimes = async (): Promise<void> => {
  for (const name of ["Set 1", "Drug 1"]) {
    await page.getByRole("group", { name }).getByRole("textbox", { name: "Time" }).focus();
    await page.keyboard.type("1010");
  }
};

describe("the paper kit", () => {
  it("signs a pack out to a vehicle, and lists its numbers until they are accounted for", async () => {
    await enrolDesk(page, server.addresses.control);
    await signInAtDesk(page, server, recordsOfficer);
    await openPage(page, "Paper forms");
    await expect(page.getByText("Every number is accounted for", { exact: false }).first()).toBeVisible();
    await press(`Give out ${pack}`);
    await typeIn("Vehicle or call sign", "NM201");
    await typeIn("To whom", "Testcase Driver");
    await inspect(page, "paper-sign-out");
    await dialog().getByLabel("Reason").fill("Start of shift");
    await dialog().getByRole("button", { name: "Give it out" }).click();
    await expect(page.getByText("▲ 6 not accounted for")).toBeVisible();
    await inspect(page, "paper-open");
    // What is looked for changes the list, and not how many are not accounted for.
    const find = page.getByRole("searchbox", { name: "Find a number, a pack or a vehicle" });
    await find.fill("NM999");
    await find.press("Enter");
    await expect(page.getByText("Nothing matches “NM999”.")).toBeVisible();
    await expect(page.getByText("▲ 6 not accounted for")).toBeVisible();
    await find.fill("");
    await find.press("Enter");
  });

  it("refuses a wrong digit at once, and says what to do", async () => {
    const wrong = numbers[0]!.replace(/(\d)(\d)-/, (_all, a: string, b: string) => `${(Number(a) + 1) % 10}${b}-`);
    await typeNumber(wrong);
    await expect(page.getByRole("alert")).toContainText("A digit is wrong");
    await page.getByRole("textbox", { name: /^Number on the form/ }).fill("");
  });

  it("reads the code on a form with the desk's camera, and says of another that it is none", async () => {
    holdUp(`${numbers[3]!.slice(0, -2)}00`);
    await press("Scan the form's code");
    await expect(dialog().getByRole("alert")).toContainText("A digit is wrong");
    await inspect(page, "paper-scan");
    await page.keyboard.press("Escape");
    holdUp(numbers[3]!);
    await press("Scan the form's code");
    await expect(page.getByRole("textbox", { name: /^Number on the form/ })).toHaveValue(numbers[3]!);
    await expect(dialog()).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Take this form" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 2, name: numbers[3]! })).toBeVisible();
    await press("Put it aside");
  });

  it("takes a form by keyboard alone, with a record made meanwhile to choose", async () => {
    const crew = await enrolTestDevice(server, "crew");
    const call = { kind: "incident", body: { callSign: "NM201", cadNumber: "CAD 771", crew: [], demonstration: true } };
    await push(server, crew, await runOf(crew, testChain(), call));
    await typeNumber(numbers[0]!);
    await expect(page.getByRole("heading", { level: 2, name: numbers[0]! })).toBeVisible();
    await press("Transcribe this form");
    await typeForm({ cad: "CAD 771", surname: "Quill" });
    await press("Save for the second person");
    await expect(page.getByRole("alert")).toContainText("Set 1, time");
    await typeTimes();
    await inspect(page, "paper-transcribe");
    await press("Save for the second person");
    await expect(page.getByRole("group", { name: /^A record was made meanwhile/ })).toBeVisible();
    await inspect(page, "paper-match");
    await tabTo(page.getByRole("radio").first());
    await page.keyboard.press("Space");
    await press("Save for the second person");
    await expect(page.getByRole("status").filter({ hasText: numbers[0]! })).toContainText("waits for a second person");
  });

  it("saves a form that the base failed to take when it is pressed again, and signs it once", async () => {
    const base = server.cells.get("northmoor")!.databaseUrl("owner");
    await typeNumber(numbers[2]!);
    await press("Transcribe this form");
    await typeForm({ cad: "CAD 772", surname: "Nettle" });
    await typeTimes();
    // The entries are stored, and the line that they wait for this form is not.
    await sql(base, "REVOKE EXECUTE ON FUNCTION append_control FROM holdfast_control");
    await press("Save for the second person");
    await expect(page.getByRole("alert")).toBeVisible();
    await sql(base, "GRANT EXECUTE ON FUNCTION append_control TO holdfast_control");
    await press("Save for the second person");
    await expect(page.getByRole("status").filter({ hasText: numbers[2]! })).toContainText("waits for a second person");
    const waiting = await sql(base, "SELECT DISTINCT record_id FROM care_line WHERE quarantine = 'awaiting-check'");
    expect(waiting).toHaveLength(2);
  });

  it("lets nobody check their own, shows a form that is entered twice, and accounts for a spoilt one", async () => {
    await press(`Check ${numbers[0]!}`);
    await inspect(page, "paper-check");
    await typeIn("CAD number", "CAD 771");
    await typeIn("Surname", "Quill");
    await typeIn("Date of birth", "01021950");
    await typeIn("NHS number", "9990000018");
    await press("It is the same: into the record");
    await expect(page.getByRole("alert")).toContainText("Nobody checks what they transcribed themselves");
    await press("Put it aside");
    await typeNumber(numbers[1]!);
    await press("Void");
    await dialog().getByLabel("How it is known").fill("VOID is written across it");
    await dialog().getByRole("button", { name: "Account for it so" }).click();
    await expect(page.getByText("▲ 5 not accounted for")).toBeVisible();
  });

  it("puts it into the record that was made meanwhile, once a second person has read it", async () => {
    await signOutAtDesk(page);
    await signInAtDesk(page, server, continuity);
    await openPage(page, "Paper forms");
    await typeNumber(numbers[0]!);
    await typeIn("CAD number", "CAD 771");
    await typeIn("Surname", "Quilt");
    await typeIn("Date of birth", "01021950");
    await typeIn("NHS number", "9990000018");
    await press("It is the same: into the record");
    await expect(page.getByRole("alert")).toContainText("surname");
    await page.getByRole("textbox", { name: "Surname" }).fill("Quill");
    await press("It is the same: into the record");
    await expect(page.getByRole("status").filter({ hasText: numbers[0]! })).toContainText("is done");
    const { state } = (await controlLogOf(server).find("paper-form", numbers[0]!))!;
    expect(state).toMatchObject({ state: "entered", about: true, transcribedBy: "n-field", checkedBy: "n-lowe" });
    await typeNumber(numbers[0]!);
    await expect(page.getByText("✓ Entered")).toBeVisible();
    await expect(page.getByRole("button", { name: "Transcribe this form" })).toHaveCount(0);
    await inspect(page, "paper-entered");
    await press("Put it aside");
  });

  it("sends crews a notice and names whom to call", async () => {
    await openPage(page, "Notices to crews");
    await page.getByRole("button", { name: "New notice" }).click();
    await dialog().getByLabel("Title").fill("E-mail is down");
    await dialog().getByLabel("What they are to know or do").fill("Ring the hub. Answers come by radio on channel 4.");
    await inspect(page, "notice-new");
    await dialog().getByLabel("Reason").fill("Attack on the mail server");
    await dialog().getByRole("button", { name: "Sign and send" }).click();
    await expect(page.getByRole("row").filter({ hasText: "E-mail is down" })).toContainText(continuity.name);
    await page.getByRole("button", { name: "Change" }).click();
    await dialog()
      .getByLabel("A line for each")
      .fill("Duty manager | 01632 960 001 | day and night\nClinical hub | 01632 960 002");
    await dialog().getByLabel("Reason").fill("First list");
    await dialog().getByRole("button", { name: "Sign and send" }).click();
    await expect(page.getByText("01632 960 002")).toBeVisible();
    await inspect(page, "notices");
  });

  it("and a tablet shows them without a network, locked too, with the paper in its vehicle", async () => {
    await enrolTablet(tablet, server.addresses.tablet);
    const notice = tablet.getByRole("region", { name: "Notices of the trust" });
    await expect(notice).toContainText("E-mail is down");
    await signIn(tablet);
    await startShift(tablet);
    await tabletContext.setOffline(true);
    await expect(notice).toContainText("E-mail is down");
    await inspect(tablet, "tablet-notice");
    await tablet.getByRole("button", { name: "Downtime" }).click();
    await expect(tablet.getByText("01632 960 001")).toBeVisible();
    await expect(tablet.getByText(`${pack}, forms 001 to 006`)).toBeVisible();
    await tablet.getByText("Going to paper").click();
    await expect(tablet.getByText("Spoilt? Write VOID on it")).toBeVisible();
    await inspect(tablet, "tablet-downtime");
    await tablet.getByRole("button", { name: "Back" }).click();
    await tablet.getByRole("button", { name: "Lock", exact: true }).click();
    await tablet.getByRole("button", { name: "Downtime: whom to call" }).click();
    await expect(tablet.getByText("Duty manager")).toBeVisible();
    await expect(tablet.getByRole("heading", { name: "Notices of the trust" })).toBeVisible();
  });

  it("has nothing that axe finds, in any theme or size", () => {
    expect(problems).toEqual([]);
  });
});
