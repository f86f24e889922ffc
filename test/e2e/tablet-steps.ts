import type { Locator, Page } from "@playwright/test";
import { expect } from "./expect.ts";

/** What a crew does on the tablet, found as a person finds it: by role and name. */
export const enrolTablet = async (
  page: Page,
  address: string,
  trust = "Northmoor",
  code = "DEMO-TABLET-1",
): Promise<void> => {
  await page.goto(address);
  await page.getByRole("button", { name: new RegExp(trust) }).click();
  await page.getByRole("textbox", { name: "Device code" }).fill(code);
  await page.getByRole("button", { name: "Enrol tablet" }).click();
  await expect(page.getByRole("heading", { name: "Who are you?" })).toBeVisible();
};

export const signIn = async (page: Page, person = "Amara Okafor", pin = "1111"): Promise<void> => {
  await page.getByRole("button", { name: new RegExp(person) }).click();
  await page.keyboard.type(pin);
  await page.getByRole("button", { name: "Unlock", exact: true }).click();
};

export const startShift = async (page: Page, callSign = "NM201"): Promise<void> => {
  await page.getByRole("button", { name: new RegExp(callSign) }).click();
  await page.getByRole("button", { name: "Start shift" }).click();
  await expect(page.getByRole("button", { name: "New record" })).toBeVisible();
};

/** Until everything that a cold start needs is kept by the browser. */
export const untilInstalled = async (page: Page): Promise<void> => {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
};

export const newRecord = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: "New record" }).click();
  await expect(page.getByRole("heading", { name: "Timeline" })).toBeVisible();
};

export const sayWhoItIs = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: /^Patient: .*Change$/ }).click();
  await page.getByRole("textbox", { name: "Family name" }).fill("DEMO-JOURNEY");
  await page.getByRole("textbox", { name: "Given name" }).fill("Testa");
  await page.getByRole("textbox", { name: "Or age, years" }).fill("72");
  await page.getByRole("button", { name: "Female" }).click();
  await page.getByRole("button", { name: "Save patient" }).click();
  await expect(timeline(page)).toContainText("DEMO-JOURNEY");
};

/** A tile of the bar that is always visible. */
export const quickTile = (page: Page, name: RegExp) =>
  page.getByRole("navigation", { name: "Quick log" }).getByRole("button", { name });

/** Respirations 22, SpO2 94 on air, pulse 108, BP 102/64, alert, 36.8 °C, pain 7: NEWS2 5. Digits advance by themselves. */
export const recordObs = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: "Obs", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Observations" })).toBeVisible();
  const type = async (field: RegExp, digits: string) => {
    await page.getByRole("button", { name: field }).click();
    await page.keyboard.type(digits);
  };
  await type(/^Breathing rate:/, "22");
  await type(/^Oxygen saturation:/, "94");
  await page.getByRole("button", { name: "Air", exact: true }).click();
  await type(/^Pulse:/, "108");
  await type(/^Systolic.*:/, "102");
  await type(/^Diastolic.*:/, "64");
  await page.getByRole("button", { name: "Alert", exact: true }).click();
  await type(/^Temperature:/, "368");
  await type(/^Pain:/, "7");
  await page.getByRole("button", { name: "Save set" }).click();
  await expect(timeline(page)).toContainText("NEWS2 5");
};

export const giveGtn = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: "Drug", exact: true }).click();
  await page.getByRole("button", { name: "Glyceryl trinitrate" }).click();
  await page.getByRole("button", { name: /^400 / }).click();
  await page.getByRole("button", { name: "Benefit outweighs the risk" }).first().click();
  await page.getByRole("button", { name: "Record given" }).click();
  await expect(timeline(page)).toContainText("Glyceryl trinitrate 400");
};

export const writeNote = async (page: Page, text: string): Promise<void> => {
  await page.getByRole("button", { name: "Note", exact: true }).click();
  await page.getByRole("textbox", { name: "Note" }).fill(text);
  await page.getByRole("button", { name: "Save note" }).click();
  await expect(timeline(page)).toContainText(text);
};

export const strikeEntry = async (page: Page, text: string): Promise<void> => {
  await timeline(page)
    .getByRole("button", { name: new RegExp(text) })
    .click();
  await page.getByRole("button", { name: "Strike", exact: true }).click();
  await page.getByRole("button", { name: "Written twice", exact: true }).click();
  await page.getByRole("button", { name: "Strike entry" }).click();
  await expect(timeline(page)).toContainText("Struck");
};

export const timeline = (page: Page) => page.getByRole("region", { name: /Timeline/ });

export const attachEcg = async (
  page: Page,
  files: Parameters<Locator["setInputFiles"]>[0],
  leads = 12,
): Promise<void> => {
  await page.getByRole("button", { name: "12-lead", exact: true }).click();
  await page.getByLabel("ECG files").setInputFiles(files);
  await page.getByRole("button", { name: /^Attach/ }).click();
  await expect(timeline(page)).toContainText(`${leads} leads`);
};

export const preAlert = async (page: Page, site: string, concern: string): Promise<void> => {
  await quickTile(page, /^Pre-alert/).click();
  await page.getByRole("button", { name: site }).click();
  await page.getByRole("button", { name: "ETA 15 minutes" }).click();
  await page.getByRole("textbox", { name: /^Concern/ }).fill(concern);
  await page.getByRole("button", { name: "Send pre-alert" }).click();
  await expect(timeline(page)).toContainText("Pre-alert");
};
