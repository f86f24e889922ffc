import type { ReactNode } from "react";
import { WaysPanel } from "./ways-panel.tsx";

/** Below what was refused for want of it; what stands there is tried again once it was shown. */
export const FactorAgain = ({ onShown, children }: { onShown: () => void; children?: ReactNode }) => (
  <section className="stack" aria-label="Your second factor once more">
    {children}
    <WaysPanel onSignedIn={onShown} />
  </section>
);
