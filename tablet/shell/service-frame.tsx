import { AlarmBanner } from "./alarm-banner.tsx";
import { Strip } from "./strip.tsx";

/** What stands over every screen, locked or not. */
export const ServiceFrame = () => (
  <div>
    <Strip />
    <AlarmBanner />
  </div>
);
