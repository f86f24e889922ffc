import type { ReactNode } from "react";

/** What may be wider than the screen scrolls by itself; reached by keyboard, it scrolls with the arrow keys. */
export const Scrolling = ({ label, children }: { label: string; children: ReactNode }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard cannot scroll it (WCAG 2.1.1)
  <section className="scroll" aria-label={label} tabIndex={0}>
    {children}
  </section>
);
