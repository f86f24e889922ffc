import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { encodeEcg } from "#monitoring/ecg-file.ts";
import { generateEcg } from "../../demo/ecg-generator.ts";
import { demonstrationCells, startDemonstration } from "../../demo/shift.ts";
import { themes, viewports } from "../browser.ts";
import { useServer } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { expect } from "./expect.ts";
import { doctor, enrolScreen, signInAtScreen } from "./hospital-steps.ts";
import { inspect } from "./inspect.ts";
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
  writeNote,
} from "./tablet-steps.ts";

const server = useServer();
let shift: { stop(): Promise<void> };
beforeAll(() => {
  shift = startDemonstration({ cells: demonstrationCells(server.ports), seed: 1 });
});
afterAll(() => shift?.stop());
const { folder, open } = useBrowsers("screens");

describe("every screen", () => {
  it("control: a picture without words and grey on grey are found, in each theme", async () => {
    const problems: string[] = [];
    const { page } = await open("control", viewports.desktop);
    await page.goto(server.addresses.hospital);
    await expect(page.getByRole("textbox", { name: "Screen code" })).toBeVisible();
    await page.evaluate(() => {
      const [words, picture] = [document.createElement("p"), document.createElement("img")];
      Object.assign(words, { id: "words", textContent: "Hardly to be read" });
      Object.assign(words.style, { color: "#777", background: "#888" });
      picture.id = "picture";
      document.querySelector("main")!.append(words, picture);
    });
    await inspect(page, "control", problems);
    expect(problems).toEqual(
      themes.flatMap((theme) =>
        ["color-contrast: #words", "image-alt: #picture"].map((what) => `control, ${theme}: ${what}`),
      ),
    );
  });

  it("of the hospital: axe finds nothing in any theme, and twelve incoming patients fit without a scroll", async () => {
    const problems: string[] = [];
    const { page } = await open("hospital", viewports.desktop);
    await page.goto(server.addresses.hospital);
    await expect(page.getByRole("textbox", { name: "Screen code" })).toBeVisible();
    await inspect(page, "hospital-enrol", problems);
    await enrolScreen(page, server.addresses.hospital);
    const accepts = page.getByRole("button", { name: /^Accept / });
    await expect.poll(() => accepts.count(), { timeout: 120_000 }).toBeGreaterThanOrEqual(12);
    await inspect(page, "hospital-board", problems);
    const { content, height } = await page.evaluate(() => ({
      content: Math.max(
        ...[...document.querySelectorAll("*")].map((element) =>
          /auto|scroll/.test(getComputedStyle(element).overflowY) && element.scrollHeight > element.clientHeight + 1
            ? element.scrollHeight
            : 0,
        ),
        document.documentElement.scrollHeight,
      ),
      height: innerHeight,
    }));
    expect(content).toBeLessThanOrEqual(height);

    await signInAtScreen(page, server, doctor);
    await page
      .getByRole("button", { name: /^Assign place/ })
      .first()
      .click();
    await inspect(page, "hospital-place", problems);
    await page.keyboard.press("Escape");
    await accepts.first().click();
    await inspect(page, "hospital-accept", problems);
    await page.keyboard.press("Escape");
    await page.getByRole("row").filter({ hasText: /STEMI/ }).getByRole("link").first().click();
    await expect(page.getByRole("heading", { name: /Timeline/ })).toBeVisible();
    await expect(page.locator("canvas").first()).toBeVisible();
    await inspect(page, "hospital-patient", problems);
    await page.setViewportSize(viewports.tablet);
    await inspect(page, "hospital-patient-small", problems);
    await page.goto(server.addresses.hospital);
    await expect(accepts.first()).toBeVisible();
    await inspect(page, "hospital-board-small", problems);
    expect(problems).toEqual([]);
  });

  it("of the tablet: axe finds nothing in any theme", async () => {
    const problems: string[] = [];
    const { page } = await open("tablet");
    await page.goto(server.addresses.tablet);
    await expect(page.getByRole("button", { name: /Northmoor/ })).toBeVisible();
    await inspect(page, "tablet-enrol", problems);
    await enrolTablet(page, server.addresses.tablet);
    await page.getByRole("button", { name: /Amara Okafor/ }).click();
    await inspect(page, "tablet-sign-in", problems);
    await signIn(page);
    await expect(page.getByRole("button", { name: "Start shift" })).toBeVisible();
    await inspect(page, "tablet-shift", problems);
    await startShift(page);
    await newRecord(page);
    await inspect(page, "tablet-record-new", problems);
    await sayWhoItIs(page);
    const address = page.url();
    const screens = [
      "patient",
      "patient/allergies",
      "presentation",
      "obs",
      "drug",
      "ecg",
      "note",
      "prealert",
      "handover",
    ];
    for (const screen of screens) {
      await page.goto(`${address.replace(/\/timeline$/, "")}/${screen}`);
      await expect(page.getByRole("main")).toBeVisible();
      await inspect(page, `tablet-${screen.replace("/", "-")}`, problems);
    }
    await page.goto(address);
    await recordObs(page);
    await giveGtn(page);
    const ecgFile = join(folder, "inferior.hfecg");
    writeFileSync(ecgFile, encodeEcg(generateEcg("inferior-stemi", new Date().toISOString(), 7)));
    await attachEcg(page, ecgFile);
    await writeNote(page, "Found on the kitchen floor by her daughter");
    await writeNote(page, "Took aspirin before our arrival");
    await strikeEntry(page, "Took aspirin before our arrival");
    await preAlert(page, "Southgate ED", "Inferior STEMI");
    await inspect(page, "tablet-record", problems);
    await page.getByRole("button", { name: "More", exact: true }).click();
    await inspect(page, "tablet-more", problems);
    await page.keyboard.press("Escape");
    await timeline(page).getByRole("button", { name: /ECG/ }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await inspect(page, "tablet-entry", problems);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Obs", exact: true }).click();
    await page.getByRole("button", { name: /^Breathing rate:/ }).click();
    await page.keyboard.type("21");
    await inspect(page, "tablet-obs-pad", problems);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "All records" }).click();
    await expect(page.getByRole("button", { name: "New record" })).toBeVisible();
    await inspect(page, "tablet-home", problems);
    expect(problems).toEqual([]);
  });
});
