import { createContext, useContext } from "react";
import type { Desk } from "./desk.ts";

/** The desk that a page works at: set up, and with a person signed in. */
export const DeskContext = createContext<Desk | null>(null);

export const useDesk = (): Desk => {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error("A page of the desk is drawn outside it.");
  return desk;
};
