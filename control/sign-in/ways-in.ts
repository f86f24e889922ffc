import { finishProvider, type PlaceFault, startProvider } from "#client/sign-in.ts";
import type { Desk } from "../desk/desk.ts";

/** Where the provider sends the browser back to. */
export const returnPath = "/sign-in/return";
const cameFromKey = "holdfast.desk.came-from";

/** The desk has one place to sign in at: its fault is the whole attempt's. */
export const orThrow = async (faults: Promise<readonly PlaceFault[]>): Promise<void> => {
  const [first] = await faults;
  if (first) throw new Error(first.words);
};

/** Leaves for the provider, and comes back to the page it was on. */
export const leaveForProvider = async (desk: Desk, code?: string): Promise<void> => {
  const url = await startProvider(desk.signInPlace(), true, code);
  sessionStorage.setItem(cameFromKey, location.pathname);
  location.assign(url);
};

/** Back from the provider with its answer. Resolves to the page that the browser left from. */
export const comeBack = async (desk: Desk, query: string): Promise<string> => {
  await finishProvider(desk.signInPlace(), query);
  const from = sessionStorage.getItem(cameFromKey);
  sessionStorage.removeItem(cameFromKey);
  return from === null || from === returnPath ? "/" : from;
};
