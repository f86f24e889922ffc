/** Where the tablet is, kept in the address after `#`, so that a reload and an unlock come back to the same screen. */
import { type RecordScreenName, recordScreens } from "./session.tsx";

export type Place =
  | { at: "home" }
  | { at: "record"; recordId: string; screen: RecordScreenName; detail?: string }
  /** The look-up of other crews' records; `about`: of the patient of this open record, which is the way back. */
  | { at: "earlier"; about?: string }
  | { at: "earlier-record"; recordId: string; about?: string };

export const home: Place = { at: "home" };

export const readPlace = (address: string): Place => {
  const [, first, recordId, screen, detail] = address.replace(/^#/, "").split("/");
  const isRecord = isId(recordId);
  if (first === "earlier") return isRecord ? { at: "earlier", about: recordId } : { at: "earlier" };
  if (first === "earlier-record" && isRecord)
    return { at: "earlier-record", recordId, ...(isId(screen) && { about: screen }) };
  if (first !== "record" || !isRecord) return home;
  const known = recordScreens.find((name) => name === screen) ?? "timeline";
  return { at: "record", recordId, screen: known, ...(detail ? { detail: decodeURIComponent(detail) } : {}) };
};

const isId = (part: string | undefined): part is string => part !== undefined && /^[0-9a-f-]{36}$/.test(part);

/** Holds ids only: an address is never a place for a patient's name. */
export const placeAddress = (place: Place): string => {
  if (place.at === "home") return "#/";
  if (place.at === "earlier") return place.about === undefined ? "#/earlier" : `#/earlier/${place.about}`;
  if (place.at === "earlier-record")
    return `#/earlier-record/${place.recordId}${place.about === undefined ? "" : `/${place.about}`}`;
  const detail = place.detail === undefined ? "" : `/${encodeURIComponent(place.detail)}`;
  return `#/record/${place.recordId}/${place.screen}${detail}`;
};
