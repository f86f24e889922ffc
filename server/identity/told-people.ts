import type pg from "pg";
import type { Author } from "#domain/entry/entry.ts";
import type { ControlLog } from "../logs/control-log.ts";
import type { Principal } from "./identity.ts";
import { readPerson } from "./people.ts";

/** Whom a device may name as somebody who used it. */
export interface ToldPeople {
  /**
   * Of these people, by user id those who can have been on the device, with the name that the trust knows them by: who had a
   * session there; on a tablet also whoever has a PIN in the trust, and whom such a person vouched for.
   */
  onDevice(
    device: Pick<Principal, "deviceId" | "zone">,
    people: readonly Author[],
  ): Promise<ReadonlyMap<string, string>>;
}

export const createToldPeople = (pool: pg.Pool, log: Pick<ControlLog, "find">): ToldPeople => ({
  onDevice: async ({ deviceId, zone }, people) => {
    const said = new Map(people.map((person) => [person.userId, person]));
    const voucherIds = people.flatMap(({ vouchedBy }) => vouchedBy ?? []);
    const userIds = [...new Set([...said.keys(), ...voucherIds])];
    const { rows } = await pool.query<{ user_id: string }>({
      name: "told-people",
      text: "SELECT DISTINCT user_id FROM session WHERE device_id = $1 AND user_id = ANY ($2)",
      values: [deviceId, userIds],
    });
    const hadSession = new Set(rows.map((row) => row.user_id));
    // Also of who has left since: the device may come back after weeks.
    const known = new Map(
      await Promise.all(userIds.map(async (userId) => [userId, await readPerson(log, userId)] as const)),
    );
    const isTablet = zone === "crew";
    const isHere = (userId: string): boolean =>
      hadSession.has(userId) || (isTablet && known.get(userId)?.pin !== undefined);
    const isVouched = ({ userId, signIn, vouchedBy }: Author): boolean =>
      isTablet &&
      signIn === "vouched" &&
      known.get(userId) === undefined &&
      vouchedBy !== undefined &&
      isHere(vouchedBy);
    return new Map(
      [...said.values()]
        .filter((person) => isHere(person.userId) || isVouched(person))
        .map(({ userId, name }) => [userId, known.get(userId)?.name ?? name]),
    );
  },
});
