import { describe, expect, test } from "vitest";
import type { Client } from "#client/client.ts";
import { NotSaved } from "#sync/replica.ts";
import { saveAgain, saveDraft, sendPast, unsaved, unsavedWords } from "./unsaved.ts";

const author = { userId: "u", name: "A. Reed", role: "Paramedic", signIn: "pin" };
const draft = { recordId: "r", kind: "event", body: { event: "Oxygen started" }, author };

/** A client whose store is full until it is mended, and whose base takes what is pushed past it or does not. */
const fakeClient = (state: { full: boolean; baseTakes: boolean; again?: unknown }) => {
  const write = async () => {
    if (state.full) throw new NotSaved("the exact text", new Error("full"));
    return { id: "saved" };
  };
  const writeAgain = (_draft: unknown, text: unknown) => {
    state.again = text;
    return write();
  };
  return { replica: { write, writeAgain }, pushUnsaved: async () => state.baseTakes } as unknown as Client;
};

describe("what the store did not take", () => {
  test("is kept and named, is never reported as saved, and leaves only when something durable has it", async () => {
    const state = { full: true, baseTakes: false };
    const client = fakeClient(state);
    expect(await saveDraft(client, draft)).toBeUndefined();
    expect(unsaved(client).map(unsavedWords)).toEqual(["Oxygen started"]);

    await saveAgain(client);
    expect(unsaved(client)).toHaveLength(1);
    await sendPast(client);
    expect(unsaved(client)).toHaveLength(1);

    state.baseTakes = true;
    await sendPast(client);
    expect(unsaved(client)).toHaveLength(0);
  });

  test("is saved again, as the same entry, once the store is mended", async () => {
    const state: Parameters<typeof fakeClient>[0] = { full: true, baseTakes: false };
    const client = fakeClient(state);
    await saveDraft(client, draft);
    state.full = false;
    await saveAgain(client);
    expect(unsaved(client)).toHaveLength(0);
    expect(state.again).toBe("the exact text");
  });

  test("of one client is never saved by another", async () => {
    const practice = fakeClient({ full: true, baseTakes: false });
    const state: Parameters<typeof fakeClient>[0] = { full: false, baseTakes: true };
    const real = fakeClient(state);
    await saveDraft(practice, draft);
    await saveAgain(real);
    await sendPast(real);
    expect(unsaved(real)).toHaveLength(0);
    expect(state.again).toBeUndefined();
    expect(unsaved(practice)).toHaveLength(1);
  });
});
