import { createContext, useContext, useMemo, useSyncExternalStore } from "react";
import type { Cell, CellSnapshot } from "./cell.ts";

/** All cells of this screen, in the order of endpoints.json. */
export const CellsContext = createContext<readonly Cell[]>([]);

/** A picture of all cells together; a new array whenever one of them changes. */
export const useCells = (): { cells: readonly Cell[]; snapshots: readonly CellSnapshot[] } => {
  const cells = useContext(CellsContext);
  const store = useMemo(() => {
    let last: readonly CellSnapshot[] = [];
    return {
      subscribe: (listener: () => void) => {
        const stops = cells.map((cell) => cell.subscribe(listener));
        return () => {
          for (const stop of stops) stop();
        };
      },
      getSnapshot: () => {
        const now = cells.map((cell) => cell.getSnapshot());
        if (now.length !== last.length || now.some((snapshot, index) => snapshot !== last[index])) last = now;
        return last;
      },
    };
  }, [cells]);
  return { cells, snapshots: useSyncExternalStore(store.subscribe, store.getSnapshot) };
};
