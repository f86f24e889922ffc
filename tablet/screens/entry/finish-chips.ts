import type { KnownEntry } from "#domain/kinds.ts";
import { drugKey } from "#domain/medication/totals.ts";
import type { FormularyItem } from "#protocol/enrolment.ts";

interface FinishChips {
  /** The text box that a chip fills. */
  key: string;
  legend: string;
  options: string[];
}

/** What a one-tap event leaves open, as people answer it. */
const answers: Record<string, string[]> = {
  size: ["14G", "16G", "18G", "20G", "22G", "24G"],
  site: ["left hand", "right hand", "left arm", "right arm", "left tibia", "right tibia", "humerus"],
  flow: ["2 L/min", "4 L/min", "10 L/min", "15 L/min"],
  mask: ["nasal cannula", "Venturi 28 %", "non-rebreathing mask"],
  device: ["OPA", "NPA", "i-gel", "tracheal tube"],
  "tube size": ["size 3", "size 4", "size 5", "6.0", "7.0", "8.0"],
  rhythm: ["VF", "pulseless VT", "asystole", "PEA"],
  result: ["negative", "face", "arm", "speech"],
};

/** Chips that finish an entry without typing: a drug's doses and routes, an event's open details. */
export const finishChips = (known: KnownEntry, formulary: readonly FormularyItem[]): FinishChips[] => {
  if (known.kind === "drug") {
    const { drug, presentation } = known.body;
    const items = formulary.filter(
      (item) =>
        drugKey(item.drug) === drugKey(drug) && (presentation === undefined || item.presentation === presentation),
    );
    // Two strengths have different doses: without the presentation none is offered.
    if (items.length !== 1) return [];
    const [item] = items;
    return [
      { key: "dose", legend: "Dose", options: item!.doses.map(({ value, unit }) => `${value} ${unit}`) },
      { key: "route", legend: "Route", options: item!.routes },
    ];
  }
  if (known.kind !== "event") return [];
  return (known.body.toFinish ?? []).flatMap((open) =>
    answers[open] === undefined ? [] : [{ key: "detail", legend: open, options: answers[open] }],
  );
};

/** A drug's box holds one answer; an event's detail gathers several. */
export const withChip = (kind: KnownEntry["kind"], text: string, chip: string): string => {
  if (kind === "drug" || text.trim() === "") return chip;
  return text.split(", ").includes(chip) ? text : `${text}, ${chip}`;
};
