import type { Page } from "@playwright/test";
import type { RunningServer } from "#server/main.ts";
import { expect } from "./expect.ts";
import { authenticatorOf } from "./virtual-authenticator.ts";

export const enrolScreen = async (page: Page, address: string, site = "Southgate"): Promise<void> => {
  await page.goto(address);
  await page.getByRole("textbox", { name: "Screen code" }).fill(`DEMO-SCREEN-${site.toUpperCase()}`);
  await page.getByRole("button", { name: "Set up this screen" }).click();
  await expect(page.getByRole("heading", { name: `${site} ED arrivals` })).toBeVisible();
};

/** The demonstration's people of a department, as the crew reads them. */
export const nurse = { userId: "s-nowak", name: "Zofia Nowak" };
export const doctor = { userId: "s-adeyemi", name: "Femi Adeyemi" };
export const harbourNurse = { userId: "h-quinn", name: "Orla Quinn" };

/** Signs in with a passkey at both trusts: one touch. */
export const signInAtScreen = async (
  page: Page,
  server: Pick<RunningServer, "cells">,
  { userId, name }: { userId: string; name: string },
): Promise<void> => {
  await (await authenticatorOf(page)).give(server, userId);
  await page.getByRole("button", { name: "Sign in", exact: true }).first().click();
  await page.getByRole("button", { name: "Use your passkey" }).click();
  const person = page.getByRole("button", { name: new RegExp(`^${name}, `) });
  const faults = page.getByRole("dialog").getByRole("alert");
  await expect(person.or(faults).first()).toBeVisible();
  // What the screen says of it is what a failed test should say.
  expect(await faults.allTextContents()).toEqual([]);
  await expect(person).toBeVisible();
  await expect(page.getByRole("dialog")).toHaveCount(0);
};
