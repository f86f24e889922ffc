import type { CareRecord } from "#domain/record.ts";
import type { IconName } from "#ui/icons.tsx";
import type { RecordScreenName } from "../../record/session.tsx";

/** A large tile of the bar: it opens a screen, writes an event at once, or gives a favourite drug. */
export type QuickTile = { label: string; icon: IconName } & (
  | { does: "open"; screen: RecordScreenName; detail?: string }
  | { does: "event"; event: string; toFinish?: string[] }
  /** A favourite of the formulary, looked for in "drug presentation". */
  | { does: "drug"; drug: RegExp }
  | { does: "more" }
);

const arrestEvent = "Cardiac arrest";
const roscEvent = "ROSC";

const everyday: readonly QuickTile[] = [
  { label: "Obs", icon: "obs", does: "open", screen: "obs" },
  { label: "12-lead", icon: "ecg", does: "open", screen: "ecg" },
  { label: "Oxygen", icon: "oxygen", does: "event", event: "Oxygen started", toFinish: ["flow", "mask"] },
  { label: "GTN", icon: "gtn", does: "drug", drug: /^(gtn|glyceryl)/i },
  { label: "Drug", icon: "drug", does: "open", screen: "drug" },
  { label: "Analgesia", icon: "analgesia", does: "open", screen: "drug", detail: "analgesia" },
  { label: "IV / IO", icon: "iv", does: "event", event: "IV access", toFinish: ["size", "site"] },
  { label: "Airway", icon: "airway", does: "event", event: "Airway managed", toFinish: ["device", "tube size"] },
  { label: "Arrest", icon: "arrest", does: "event", event: arrestEvent },
  { label: "Note", icon: "note", does: "open", screen: "note" },
  { label: "More", icon: "more", does: "more" },
];

/** In an arrest nothing opens but what was asked for: each tile is an entry with its time. */
const arrest: readonly QuickTile[] = [
  { label: "CPR", icon: "arrest", does: "event", event: "CPR started" },
  { label: "Shock", icon: "shock", does: "event", event: "Shock given" },
  { label: "Adrenaline", icon: "drug", does: "drug", drug: /^adrenaline .*10 ml/i },
  { label: "Amiodarone", icon: "drug", does: "drug", drug: /^amiodarone/i },
  { label: "Rhythm", icon: "ecg", does: "event", event: "Rhythm check", toFinish: ["rhythm"] },
  { label: "Airway", icon: "airway", does: "event", event: "Airway managed", toFinish: ["device", "tube size"] },
  { label: "IV / IO", icon: "iv", does: "event", event: "IO access", toFinish: ["size", "site"] },
  { label: "Obs", icon: "obs", does: "open", screen: "obs" },
  { label: "Note", icon: "note", does: "open", screen: "note" },
  { label: "ROSC", icon: "check", does: "event", event: roscEvent },
  { label: "More", icon: "more", does: "more" },
];

const arrestEnds: readonly string[] = [roscEvent, "Resuscitation stopped", "Arrest mode ended"];

/** True from "Cardiac arrest" until ROSC or its end, as the record's standing events say. */
export const inArrest = (record: CareRecord): boolean => {
  const last = record.events.findLast(
    ({ known }) => known.body.event === arrestEvent || arrestEnds.includes(known.body.event),
  );
  return last?.known.body.event === arrestEvent;
};

export const quickTiles = (record: CareRecord): readonly QuickTile[] => (inArrest(record) ? arrest : everyday);

/** Behind "More": what is needed less often, still one tap each. */
export const moreEvents: readonly { event: string; toFinish?: string[] }[] = [
  { event: "Wound dressed", toFinish: ["where"] },
  { event: "Splint applied", toFinish: ["where", "kind"] },
  { event: "Immobilised", toFinish: ["how"] },
  { event: "Suction" },
  { event: "Fluids started", toFinish: ["fluid", "volume"] },
  { event: "FAST test", toFinish: ["result"] },
  { event: "Cardiac arrest" },
  { event: "Resuscitation stopped" },
  { event: "Arrest mode ended" },
  { event: "Consent given" },
  { event: "Capacity assessed", toFinish: ["decision", "outcome"] },
  { event: "Safeguarding concern", toFinish: ["what", "told whom"] },
  { event: "ReSPECT / DNACPR form", toFinish: ["date", "original seen"] },
  { event: "Police present" },
];
