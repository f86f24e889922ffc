import { useEffect, useRef } from "react";

/** A screen that nobody has touched for so long has nobody before it, minutes. */
const idleMinutes = 15;
const touches = ["pointerdown", "pointermove", "keydown", "wheel"] as const;

/** Signs out whoever walked away. */
export const useIdleSignOut = (isSignedIn: boolean, signOut: () => unknown): void => {
  const latest = useRef(signOut);
  latest.current = signOut;
  useEffect(() => {
    if (!isSignedIn) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const touched = () => {
      clearTimeout(timer);
      timer = setTimeout(() => latest.current(), idleMinutes * 60_000);
    };
    touched();
    for (const touch of touches) addEventListener(touch, touched, { passive: true });
    return () => {
      clearTimeout(timer);
      for (const touch of touches) removeEventListener(touch, touched);
    };
  }, [isSignedIn]);
};
