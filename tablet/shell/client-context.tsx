import { createContext, useContext, useSyncExternalStore } from "react";
import type { Client, ClientSnapshot } from "#client/client.ts";

const ClientContext = createContext<Client | null>(null);
export const ClientProvider = ClientContext.Provider;

export const useClient = (): Client => {
  const client = useContext(ClientContext);
  if (client === null) throw new Error("A screen was drawn before the tablet's client was open.");
  return client;
};

export const useSnapshot = (): ClientSnapshot => {
  const client = useClient();
  return useSyncExternalStore(client.subscribe, client.getSnapshot);
};
