import { useNow } from "#ui/age.ts";
import { StandbyStrip } from "#ui/standby-strip.tsx";
import type { DeskState } from "../desk/desk.ts";

/** Over every page that a standby answered. */
export const StandbyNotice = ({ state }: { state: DeskState }) => {
  const nowMs = useNow(60_000);
  if (state.phase === "new" || state.standby === null) return null;
  return (
    <StandbyStrip
      shown={[{ name: state.trustName, asOf: state.standby.asOf }]}
      nowMs={nowMs}
      words="Changes are made at the base."
    />
  );
};
