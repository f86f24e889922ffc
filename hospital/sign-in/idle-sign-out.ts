import { useEffect } from "react";
import type { Cell } from "../cells/cell.ts";
import { signOut } from "./places.ts";

/** A screen that nobody has touched for so long has nobody before it, minutes. */
const idleMinutes = 15;
const touches = ["pointerdown", "pointermove", "keydown", "wheel"] as const;

/** Signs out whoever walked away. */
export const useIdleSignOut = (cells: readonly Cell[], isSignedIn: boolean): void => {
  useEffect(() => {
    if (!isSignedIn) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const touched = () => {
      clearTimeout(timer);
      timer = setTimeout(() => void signOut(cells), idleMinutes * 60_000);
    };
    touched();
    for (const touch of touches) addEventListener(touch, touched, { passive: true });
    return () => {
      clearTimeout(timer);
      for (const touch of touches) removeEventListener(touch, touched);
    };
  }, [cells, isSignedIn]);
};
