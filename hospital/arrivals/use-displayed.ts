import { useEffect } from "react";
import type { Cell } from "../cells/cell.ts";
import type { Receipts } from "../handover/receipts.ts";
import type { BoardRow } from "./board-rows.ts";

/**
 * Tells the crews that their patient is on a screen: after the rows were drawn, and only while somebody could look. A
 * screen that is hidden or minimised has displayed nothing.
 */
export const useDisplayed = (cells: readonly Cell[], rows: readonly BoardRow[], receipts: Receipts): void => {
  useEffect(() => {
    const tell = () => {
      if (document.visibilityState !== "visible") return;
      for (const { trust, arrival } of rows) {
        const cell = cells.find((one) => one.getSnapshot().endpoint.trust === trust);
        if (cell) void receipts(cell.client, arrival.recordId, arrival.heads, null);
      }
    };
    tell();
    document.addEventListener("visibilitychange", tell);
    return () => document.removeEventListener("visibilitychange", tell);
  }, [cells, rows, receipts]);
};
