import { type Downtime, noticesMax, packsMax } from "#protocol/downtime.ts";
import type { ControlLog } from "../logs/control-log.ts";
import { contactsSetting, contactsSettingId, noticeSubject, packSubject } from "../paper/subjects.ts";

/**
 * What a tablet needs once nothing else answers: notices and contacts as the issuer signed them, and which packs of paper are on
 * which vehicle. Undefined while nothing has changed since the `held` tag. A notice that ends by its own time changes no tag: the
 * tablet knows when it is over.
 */
export const downtimeFor = async (
  log: ControlLog,
  nowMs: number,
  held: string | undefined,
): Promise<Downtime | undefined> => {
  const [notice, pack, contacts] = await Promise.all([
    log.newest("notice"),
    log.newest("paper-pack"),
    log.find("setting", contactsSettingId),
  ]);
  const tag = `${notice}.${pack}.${contacts?.position ?? 0}`;
  if (tag === (held ?? "0.0.0")) return undefined;
  const [notices, packs] = await Promise.all([log.all("notice"), log.all("paper-pack")]);
  return {
    tag,
    notices: notices
      .toSorted((a, b) => b.position - a.position)
      .map(({ state }) => noticeSubject.parse(state))
      .filter(({ until, ended }) => ended !== true && Date.parse(until) > nowMs)
      .map(({ signed }) => signed)
      .slice(0, noticesMax),
    ...(contacts && { contacts: contactsSetting.parse(contacts.state).signed }),
    packs: packs
      .toSorted((a, b) => b.position - a.position)
      .flatMap(({ id, state }) => {
        const { vehicle, forms } = packSubject.parse(state);
        return vehicle === undefined ? [] : [{ vehicle, pack: id, forms }];
      })
      .slice(0, packsMax),
  };
};
