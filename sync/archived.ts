import type { ServerState } from "#protocol/server-state.ts";
import type { HeldState } from "./store.ts";

/** Where a server says that an entry is, as it is kept with the entry. */
export const placeIn = (
  { epoch, incarnation, time }: Pick<ServerState, "epoch" | "incarnation" | "time">,
  position: number,
) => ({
  epoch,
  position,
  life: incarnation,
  since: time,
});

/**
 * Whether an entry in this state is in the archive, by what the base last said. A position that another life or epoch gave may
 * be another line's by now: it counts only once a pull, or an answer of this life, has given it anew.
 */
export const isArchived = (state: HeldState, server: ServerState | undefined): boolean =>
  (state.at === "acknowledged" || state.at === "foreign") &&
  server?.archived !== undefined &&
  state.life === server.incarnation &&
  state.epoch === server.epoch &&
  state.position > 0 &&
  state.position <= server.archived;

/** Whether a standby has an entry in this state and, as far as this device knows, no base. */
export const isOnlyHeld = (state: HeldState): boolean =>
  state.at === "held" || (state.at === "foreign" && state.held === true);
