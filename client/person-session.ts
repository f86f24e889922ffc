import * as z from "zod/mini";
import { type refreshRequest, sessionTokens } from "#protocol/session.ts";
import { type SignedIn, signedIn } from "#protocol/sign-in.ts";
import { protocolVersion } from "#protocol/version.ts";
import { TransportFailure } from "#sync/ports.ts";
import { createCredentials, type TokenSource } from "./credentials.ts";
import type { DeviceTokens } from "./device-tokens.ts";
import type { DeviceIdentity } from "./keys.ts";
import type { Servers } from "./servers.ts";
import { call, postJson } from "./transport.ts";

const kept = z.omit(signedIn, { expiresInSeconds: true });
type Kept = z.infer<typeof kept>;
/** Who is signed in at a screen or desk, in one trust's cell. */
export interface SessionPerson extends Readonly<SignedIn["person"]> {
  /** Where the provider's own session is ended too; undefined where it has none. */
  signOutUrl?: string;
}

/** A person's session on a shared device: it lives as long as its tab, and over a way to the provider and back. */
export interface PersonSession {
  /** The person's token while somebody is signed in, else the device's own. */
  tokens: TokenSource;
  subscribe(listener: () => void): () => void;
  getSnapshot(): SessionPerson | null;
  signedIn(answer: SignedIn): void;
  /** At once here; the server is told where it can be reached, and otherwise ends the session by its age. */
  signOut(): Promise<void>;
}

export const createPersonSession = (parts: {
  identity: DeviceIdentity;
  servers: Servers;
  /** The device's own. */
  device: Pick<DeviceTokens, "token"> & Partial<Pick<DeviceTokens, "renew">>;
  /** Begins the name of the row in the tab's own storage: each server knows its own sessions. */
  key: string;
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
}): PersonSession => {
  const { identity, servers, device, storage } = parts;
  const listeners = new Set<() => void>();
  const key = () => `${parts.key} ${servers.url()}`;
  let current = read();
  let snapshot = asPerson(current);
  let renewing: Promise<boolean> | undefined;

  function read(): Kept | null {
    try {
      return kept.safeParse(JSON.parse(storage.getItem(key()) ?? "null")).data ?? null;
    } catch {
      return null;
    }
  }
  const set = (next: Kept | null) => {
    const isSame = next !== null && current !== null && same(next.person, current.person);
    current = next;
    try {
      if (next) storage.setItem(key(), JSON.stringify(next));
      else storage.removeItem(key());
    } catch {
      // A tab that keeps nothing forgets the person at its next reload.
    }
    if (isSame) return;
    snapshot = asPerson(next);
    for (const listener of listeners) listener();
  };

  servers.onMove(() => {
    current = read();
    snapshot = asPerson(current);
    for (const listener of listeners) listener();
  });

  /** Proofs by the same key, and no token: what the refresh token is bound to. */
  const proving = { servers, credentials: createCredentials(identity, { token: () => undefined }) };
  const renew = async (): Promise<boolean> => {
    const before = current;
    // Nobody is signed in here, so it is the device that this server does not know.
    if (before === null) return (await device.renew?.()) ?? false;
    const asked: z.infer<typeof refreshRequest> = { protocol: protocolVersion, refreshToken: before.refreshToken };
    try {
      const { expiresInSeconds: _, ...tokens } = await postJson(proving, "/identity/v1/refresh", asked, sessionTokens);
      if (current === before) set({ ...before, ...tokens });
    } catch (failure) {
      const isOver = failure instanceof TransportFailure && failure.code === "refused";
      if (!isOver) return false;
      // The desk ended it, or its time is up: the device goes on by itself.
      if (current === before) set(null);
    }
    return true;
  };

  return {
    tokens: {
      token: () => current?.accessToken ?? device.token(),
      renew: () => {
        renewing ??= renew().finally(() => {
          renewing = undefined;
        });
        return renewing;
      },
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => snapshot,
    signedIn: ({ expiresInSeconds: _, ...next }) => set(next),
    signOut: async () => {
      const ending = current;
      if (ending === null) return;
      set(null);
      const credentials = createCredentials(identity, { token: () => ending.accessToken });
      await call({ servers, credentials }, "/identity/v1/sign-out", { method: "POST" }).catch(() => {});
    },
  };
};

const asPerson = (kept: Kept | null): SessionPerson | null =>
  kept && { ...kept.person, ...(kept.signOutUrl !== undefined && { signOutUrl: kept.signOutUrl }) };

const same = (a: Kept["person"], b: Kept["person"]): boolean => JSON.stringify(a) === JSON.stringify(b);
