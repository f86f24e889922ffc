import type { CDPSession, Page } from "@playwright/test";
import type { RunningServer } from "#server/main.ts";
import { givePasskey } from "../authenticator.ts";

export interface VirtualAuthenticator {
  /** Puts a passkey of this person's into it, known to both trusts. */
  give(server: Pick<RunningServer, "cells">, userId: string): Promise<void>;
  /** Whether the person's finger or PIN is right. */
  setVerified(isVerified: boolean): Promise<void>;
}

const made = new WeakMap<Page, Promise<VirtualAuthenticator>>();

/** The page's own: Chromium's virtual authenticator, which answers by itself, as if a finger lay on it. */
export const authenticatorOf = (page: Page): Promise<VirtualAuthenticator> => {
  const held = made.get(page) ?? make(page);
  made.set(page, held);
  return held;
};

const make = async (page: Page): Promise<VirtualAuthenticator> => {
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    give: async (server, userId) => {
      const passkey = await givePasskey(server, userId);
      const rpId = new URL(page.url()).hostname;
      const credential = { ...passkey, rpId, isResidentCredential: true, signCount: 0 };
      await session.send("WebAuthn.clearCredentials", { authenticatorId });
      await session.send("WebAuthn.addCredential", { authenticatorId, credential });
    },
    setVerified: async (isUserVerified) => {
      await session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
    },
  };
};
