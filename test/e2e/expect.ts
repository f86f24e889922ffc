import { expect as playwright } from "@playwright/test";

/** Longest that a step or a condition is waited for, ms: what never comes ends the test. How fast something is, `npm run bench` says. */
export const waitMsMax = 60_000;

export const expect = playwright.configure({ timeout: waitMsMax });
