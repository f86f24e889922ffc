import { expect, type Page } from "@playwright/test";

export const enrolScreen = async (page: Page, address: string, site = "Southgate"): Promise<void> => {
  await page.goto(address);
  await page.getByRole("textbox", { name: "Screen code" }).fill(`DEMO-SCREEN-${site.toUpperCase()}`);
  await page.getByRole("button", { name: "Set up this screen" }).click();
  await expect(page.getByRole("heading", { name: `${site} ED arrivals` })).toBeVisible();
};

export const signInAtScreen = async (page: Page, name: string, role: string): Promise<void> => {
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("textbox", { name: "Role" }).fill(role);
  await page.getByRole("button", { name: "Continue" }).click();
};
