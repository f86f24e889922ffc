import type { Author } from "#domain/entry/entry.ts";
import { AlarmBanner } from "./alarm-banner.tsx";
import { Strip } from "./strip.tsx";

/** What stands over every screen, locked or not. `author`: who writes now, where somebody does. */
export const ServiceFrame = ({ author }: { author?: Author }) => (
  <div>
    <Strip author={author} />
    <AlarmBanner />
  </div>
);
