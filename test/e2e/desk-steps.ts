import type { Page } from "@playwright/test";
import type { RunningServer } from "#server/main.ts";
import { expect } from "./expect.ts";
import { authenticatorOf } from "./virtual-authenticator.ts";

/** The demonstration's people of Northmoor's desk. */
export const recordsOfficer = { userId: "n-field", name: "Jo Field" };
export const configuration = { userId: "n-voss", name: "Petra Voss" };
export const security = { userId: "n-kerr", name: "Alan Kerr" };
export const externalApprover = { userId: "n-shah", name: "Dana Shah" };
export const governance = { userId: "n-banda", name: "Grace Banda" };
export const continuity = { userId: "n-lowe", name: "Sam Lowe" };

export const enrolDesk = async (page: Page, address: string): Promise<void> => {
  await page.goto(address);
  await page.getByRole("textbox", { name: "Desk code" }).fill("DEMO-DESK-1");
  await page.getByRole("button", { name: "Set up this desk" }).click();
  await expect(page.getByRole("button", { name: "Use a passkey" })).toBeVisible();
};

type Person = { userId: string; name: string };

export const signInAtDesk = async (
  page: Page,
  server: Pick<RunningServer, "cells">,
  { userId, name }: Person,
): Promise<void> => {
  await (await authenticatorOf(page)).give(server, userId);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await expect(page.getByRole("banner")).toContainText(name);
};

/** At the demonstration provider's page, and back. */
export const signInByProvider = async (page: Page, { userId, name }: Person): Promise<void> => {
  await page.getByRole("button", { name: "Use Demonstration provider" }).click();
  await page.getByRole("combobox", { name: "Person" }).selectOption(userId);
  const code = await page.locator(".code").textContent();
  await page.getByRole("textbox", { name: "Second factor code" }).fill(code ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await pastOffer(page, name);
};

/** Signed in by the provider, and without a passkey where one is offered. */
export const pastOffer = async (page: Page, name: string): Promise<void> => {
  const isIn = page.getByRole("banner").getByText(name);
  const offer = page.getByRole("button", { name: "Not now" });
  await expect(isIn.or(offer)).toBeVisible();
  if (await offer.isVisible()) await offer.click();
  await expect(isIn).toBeVisible();
};

export const signOutAtDesk = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("button", { name: "Use a passkey" })).toBeVisible();
};

export const openPage = async (page: Page, name: string): Promise<void> => {
  await page.getByRole("navigation", { name: "Desk" }).getByRole("link", { name }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
};
